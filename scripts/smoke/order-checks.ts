import { DescribeDocumentCommand, GetDocumentCommand } from '@aws-sdk/client-ssm';
import { awsCode } from '../../shared/aws/aws-error.ts';
import { isSameJson } from '../../shared/core/canonical.ts';
import { artifactBucket, type ArtifactBucket } from '../aws/artifact-bucket.ts';
import { artifactKey, type Artifact } from '../exporters/exporters-lock.ts';
import { counted } from '../text-table.ts';
import { type Check, problem, verdict } from './check.ts';
import { repair } from './repair.ts';
import type { Smoke } from './examined.ts';

/** What an order needs: its document, and the files that the document downloads. */

const checkout: Check = {
  id: 'checkout',
  says: "the functions order this checkout's documents",
  needs: ['lambda:GetFunctionConfiguration'],
  async run({ functions, documents, place: { stage, region } }) {
    const wanted = documents.map((document) => [variableOf(document), nameEndOf(document)] as const);
    const all = await functions();
    const problems = all.flatMap(({ FunctionName, Environment: { Variables = {} } = {} }) =>
      wanted
        .filter(([variable, end]) => Variables[variable]?.endsWith(end) !== true)
        .map(([variable, end]) =>
          problem(
            `${FunctionName}: ${variable} is ${Variables[variable] ?? 'not set'}, this checkout makes …${end}`,
            `npm run deploy -- --stage ${stage} --region ${region}, or check out what is deployed`,
          ),
        ),
    );
    return verdict(
      `${counted(wanted.length, 'document')} in the environment of ${counted(all.length, 'function')}`,
      problems,
    );
  },
};

const documentsCheck: Check = {
  id: 'documents',
  says: 'every document that the functions name is Active, and says what its name promises',
  needs: ['lambda:GetFunctionConfiguration', 'ssm:DescribeDocument', 'ssm:GetDocument'],
  async run(smoke) {
    const names = await orderedDocuments(smoke);
    const problems = await Promise.all(names.map((name) => problemOfDocument(smoke, name)));
    return verdict(`${counted(names.length, 'document')}, Active`, problems.flat());
  },
};

async function orderedDocuments({ functions }: Smoke): Promise<readonly string[]> {
  const all = (await functions()).flatMap(({ Environment }) => Object.entries(Environment?.Variables ?? {}));
  return [...new Set(all.flatMap(([variable, name]) => (variable.startsWith('DOCUMENT_') ? [name] : [])))].sort();
}

async function problemOfDocument(smoke: Smoke, Name: string) {
  const { clients, documents } = smoke;
  try {
    const { Document } = await clients.ssm.send(new DescribeDocumentCommand({ Name }));
    if (Document?.Status !== 'Active') return [problem(`${Name} is ${Document?.Status}`, repair(smoke))];
    const { Content = '' } = await clients.ssm.send(new GetDocumentCommand({ Name, DocumentFormat: 'JSON' }));
    const ours = documents.find((document) => Name.endsWith(nameEndOf(document)));
    if (ours === undefined || isSameJson(JSON.parse(Content), JSON.parse(JSON.stringify(ours.content)))) return [];
    return [problem(`${Name} has another content than this checkout makes under that name`, repair(smoke))];
  } catch (error) {
    if (awsCode(error) !== 'InvalidDocument') throw error;
    return [problem(`${Name} does not exist`, repair(smoke))];
  }
}

type Named = Smoke['documents'][number];
const nameEndOf = ({ exporter, action, hash }: Named): string => `_${exporter}-${action}-${hash}`;
const variableOf = ({ exporter, action }: Named): string => `DOCUMENT_${exporter}_${action}`.toUpperCase();

const artifacts: Check = {
  id: 'artifacts',
  says: 'every file that an order needs lies in the bucket, as the lock describes it',
  needs: ['s3:GetObject', 's3:ListBucket'],
  async run(smoke) {
    const files = lockedFiles(smoke);
    const { stack, place } = smoke;
    const bucket = artifactBucket(place, stack.bucket);
    const wrong = await Promise.all(files.map((file) => problemOfArtifact(bucket, file)));
    const publish = `npm run exporters -- publish --stage ${place.stage} --region ${place.region}`;
    return verdict(
      `${counted(files.length, 'file')} in ${stack.bucket}`,
      wrong.flatMap((what) => (what === undefined ? [] : [problem(what, publish)])),
    );
  },
};

interface LockedFile {
  readonly key: string;
  readonly artifact: Artifact;
}

/** Those of the exporters that the settings can install. */
const lockedFiles = ({ settings, lock }: Smoke): readonly LockedFile[] =>
  settings.exporters.flatMap(({ name }) => {
    const locked = lock[name];
    if (locked === undefined) return [];
    return Object.values(locked.artifacts).map((artifact) => ({ key: artifactKey(name, locked, artifact), artifact }));
  });

async function problemOfArtifact(bucket: ArtifactBucket, { key, artifact: { size, sha256 } }: LockedFile) {
  const found = await bucket.head(key);
  if (found === undefined) return `${key} is missing: nodes wait (artifacts missing)`;
  if (size !== undefined && found.size !== size) return `${key} has ${found.size} bytes, the lock says ${size}`;
  const hash = found.sha256 ?? (await bucket.read(key));
  return hash === sha256 ? undefined : `${key} has the SHA-256 ${hash}, the lock says ${sha256}`;
}

export const ORDER_CHECKS: readonly Check[] = [checkout, documentsCheck, artifacts];
