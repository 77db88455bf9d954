import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { DescribeDocumentCommand, GetDocumentCommand } from '@aws-sdk/client-ssm';
import { awsCode, httpStatus, required } from '../../shared/aws/aws-error.ts';
import { isSameJson } from '../../shared/core/canonical.ts';
import { artifactKey, type Artifact } from '../exporters-lock.ts';
import { counted } from '../text-table.ts';
import { type Check, problem, verdict } from './check.ts';
import type { Smoke } from './smoke.ts';

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

async function problemOfDocument({ clients: { ssm }, documents, place: { stage, region } }: Smoke, Name: string) {
  const deploy = `npm run deploy -- --stage ${stage} --region ${region}`;
  try {
    const { Document } = await ssm.send(new DescribeDocumentCommand({ Name }));
    if (Document?.Status !== 'Active') return [problem(`${Name} is ${Document?.Status}`, deploy)];
    const { Content = '' } = await ssm.send(new GetDocumentCommand({ Name, DocumentFormat: 'JSON' }));
    const ours = documents.find((document) => Name.endsWith(nameEndOf(document)));
    if (ours === undefined || isSameJson(JSON.parse(Content), JSON.parse(JSON.stringify(ours.content)))) return [];
    return [
      problem(
        `${Name} has another content than this checkout makes under that name`,
        `somebody changed it: delete it, then ${deploy}`,
      ),
    ];
  } catch (error) {
    if (awsCode(error) !== 'InvalidDocument') throw error;
    return [problem(`${Name} does not exist`, deploy)];
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
    const problems = await Promise.all(
      files.map(async (file) => ({ file, wrong: await problemOfArtifact(smoke, file) })),
    );
    const { bucket } = smoke.stack;
    const publish = `npm run exporters -- publish --stage ${smoke.place.stage} --region ${smoke.place.region}`;
    return verdict(
      `${counted(files.length, 'file')} in ${bucket}`,
      problems.flatMap(({ file: { key }, wrong }) =>
        wrong === undefined ? [] : [problem(`${key} ${wrong}`, publish)],
      ),
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

async function problemOfArtifact({ clients: { s3 }, stack: { bucket: Bucket } }: Smoke, file: LockedFile) {
  const {
    key: Key,
    artifact: { size, sha256 },
  } = file;
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    if (size !== undefined && head.ContentLength !== size)
      return `has ${head.ContentLength} bytes, the lock says ${size}`;
    // Of an upload in parts S3 keeps a checksum of checksums.
    const isWhole = head.ChecksumSHA256 !== undefined && head.ChecksumType !== 'COMPOSITE';
    const found = isWhole
      ? Buffer.from(required(head.ChecksumSHA256, 'the checksum'), 'base64').toString('hex')
      : await hashOfObject(s3, Bucket, Key);
    return found === sha256 ? undefined : `has the SHA-256 ${found}, the lock says ${sha256}`;
  } catch (error) {
    if (httpStatus(error) !== 404) throw error;
    return 'is missing: nodes wait (artifacts missing)';
  }
}

async function hashOfObject(s3: Smoke['clients']['s3'], Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const hash = createHash('sha256');
  for await (const chunk of required(Body, `the body of ${Key}`) as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}

export const ORDER_CHECKS: readonly Check[] = [checkout, documentsCheck, artifacts];
