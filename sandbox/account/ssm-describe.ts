import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { operation } from './aws-json.ts';
import type { DocumentContent } from './ssm-documents.ts';
import { WireFault } from './wire.ts';

const named = z.strictObject({ Name: z.string() });
const formatted = z.strictObject({ ...named.shape, DocumentFormat: z.optional(z.literal('JSON')) });

/** What SSM tells of documents: docs: systems-manager/latest/APIReference/API_DescribeDocument, API_GetDocument. */
export function describeDocuments(documents: ReadonlyMap<string, DocumentContent>) {
  const find = (name: string): string => {
    const content = documents.get(name);
    if (content === undefined) throw new WireFault('InvalidDocument', `Document with name ${name} does not exist.`);
    return JSON.stringify(content);
  };
  const common = (name: string) => ({
    Name: name,
    DocumentVersion: '1',
    Status: 'Active',
    DocumentType: 'Command',
    DocumentFormat: 'JSON',
  });
  return {
    DescribeDocument: operation(named, ({ Name }) => ({
      Document: {
        ...common(Name),
        Hash: createHash('sha256').update(find(Name)).digest('hex'),
        HashType: 'Sha256',
        SchemaVersion: '2.2',
        DefaultVersion: '1',
        LatestVersion: '1',
        PlatformTypes: ['Linux'],
      },
    })),
    GetDocument: operation(formatted, ({ Name }) => ({ ...common(Name), Content: find(Name) })),
  };
}
