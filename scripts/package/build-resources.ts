import type { BuiltDocument } from './build-documents.ts';

/** The documents as CloudFormation resources: a name that ends in the content's hash never means another content. */
export function documentResources(documents: readonly BuiltDocument[]): object {
  const resources = documents.map((document) => {
    const { exporter, action, content, hash } = document;
    return [
      logicalId(document),
      {
        Type: 'AWS::SSM::Document',
        Properties: {
          Name: `\${self:custom.documentPrefix}${exporter}-${action}-${hash}`,
          DocumentType: 'Command',
          DocumentFormat: 'JSON',
          TargetType: '/AWS::EC2::Instance',
          Content: escapeVariables(content),
        },
      },
    ];
  });
  return { Resources: Object.fromEntries(resources) };
}

/** Environment variables of the functions: each document by reference, so that code and document always fit together. */
export const documentVariables = (documents: readonly BuiltDocument[]): object =>
  Object.fromEntries(
    documents.map((document) => [
      `DOCUMENT_${document.exporter}_${document.action}`.toUpperCase(),
      { Ref: logicalId(document) },
    ]),
  );

const logicalId = ({ exporter, action }: BuiltDocument): string => `Document${capital(exporter)}${capital(action)}`;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** osls would read `${lower:-x}` of a script as a variable of its own; it takes one backslash of `\${` away. */
function escapeVariables(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/(\\*)\$\{/g, (_, slashes: string) => `${slashes}${slashes}\\\${`);
  if (Array.isArray(value)) return value.map(escapeVariables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, escapeVariables(field)]));
}
