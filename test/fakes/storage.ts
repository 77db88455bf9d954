import { type Admit, EVERYBODY } from '../../sandbox/account/admit.ts';
import { disturbedCall } from '../../sandbox/account/disturbed-call.ts';
import type { S3Input } from '../../sandbox/account/iam-asked-s3.ts';
import type { S3 } from '../../sandbox/account/s3.ts';
import type { S3Object } from '../../sandbox/account/s3-versions.ts';
import type { Surroundings } from '../../sandbox/account/surroundings.ts';
import { WireFault } from '../../sandbox/account/wire.ts';
import { ConfigError, ConflictError, UnavailableError } from '../../shared/core/errors.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { type ClusterRecord, parseRecord, renderRecord } from '../../shared/core/record.ts';
import type { ExporterSettings } from '../../shared/core/settings.ts';
import type { Artifacts, Records, TargetFiles } from '../../shared/ports.ts';

interface Draft {
  readonly body: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A version of an object never changes: it is parsed once, however often it is read. */
const parsed = new WeakMap<S3Object, ClusterRecord>();

function recordOf(object: S3Object): ClusterRecord {
  const record = parsed.get(object) ?? parseRecord(Buffer.from(object.body).toString(), object.key);
  parsed.set(object, record);
  return record;
}

/** The simulated account's bucket as the three ports, without protocols. */
export function storage(
  s3: S3,
  bucket: string,
  world: Pick<Surroundings, 'clock' | 'faults'>,
  exporters: readonly ExporterSettings[],
  admit: Admit = EVERYBODY,
) {
  async function call<T>(operation: string, input: Omit<S3Input, 'bucket'>, run: () => T): Promise<T> {
    try {
      admit.s3(operation, { bucket, ...input });
      const { answer, broken } = await disturbedCall(operation, world, run);
      if (broken === 'no') return answer;
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause;
      if (cause.code === 'AccessDenied') throw new ConfigError(`${operation}: ${cause.message}`, { cause });
      const isLostRace = [404, 409, 412].includes(cause.status);
      throw new (isLostRace ? ConflictError : UnavailableError)(`${operation}: ${cause.code}`, { cause });
    }
    throw new UnavailableError(`${operation}: the connection broke before the answer was whole`);
  }
  const find = (key: string): S3Object | undefined => s3.find(bucket, key);
  const get = (key: string) => call('GetObject', { key }, () => find(key));
  const put = async (key: string, draft: Draft, etag: string | undefined): Promise<string> => {
    const condition = etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag };
    return (await call('PutObject', { key, ifMatch: etag }, () => s3.put(bucket, key, { ...draft, ...condition })))
      .etag;
  };
  const remove = async (key: string, etag: string): Promise<void> => {
    await call('DeleteObject', { key, ifMatch: etag }, () => find(key) && s3.remove(bucket, key, { ifMatch: etag }));
  };
  const list = (prefix: string) =>
    call('ListObjectsV2', { key: '', prefix }, () => {
      const objects: S3Object[] = [];
      for (let after: string | undefined, page; page === undefined || after !== undefined; after = page.next) {
        page = s3.list(bucket, { prefix, ...(after !== undefined && { after }) });
        objects.push(...page.objects);
      }
      return new Map(objects.map(({ key, etag }) => [key.slice(prefix.length, -'.json'.length) as ClusterId, etag]));
    });
  const text = ({ body }: S3Object): string => Buffer.from(body).toString();

  const live = (id: ClusterId): string => `clusters/${id}.json`;
  const ended = (id: ClusterId): string => `ended/${id}.json`;
  const target = (id: ClusterId): string => `targets/${id}.json`;

  const records: Records = {
    async read(id) {
      const object = await get(live(id));
      return object && { value: recordOf(object), etag: object.etag };
    },
    save: (record, etag) => put(live(record.clusterId), { body: renderRecord(record) }, etag),
    delete: (id, etag) => remove(live(id), etag),
    isEnded: async (id) => (await get(ended(id))) !== undefined,
    async markEnded(record) {
      if ((await get(ended(record.clusterId))) !== undefined) return;
      await put(ended(record.clusterId), { body: renderRecord(record) }, undefined);
    },
    list: () => list('clusters/'),
  };
  const targets: TargetFiles = {
    async read(id) {
      const object = await get(target(id));
      return (
        object && { value: { body: text(object), sequence: Number(object.metadata['sequence']) }, etag: object.etag }
      );
    },
    put: (id, { body, sequence }, etag) => put(target(id), { body, metadata: { sequence: String(sequence) } }, etag),
    delete: (id, etag) => remove(target(id), etag),
    list: () => list('targets/'),
  };
  const artifacts: Artifacts = {
    async urls(exporter) {
      const files = Object.entries(exporters.find(({ name }) => name === exporter)?.artifacts ?? {});
      const found = await Promise.all(files.map(([, key]) => get(key)));
      if (found.includes(undefined)) return undefined;
      return Object.fromEntries(files.map(([parameter, key]) => [parameter, `https://${bucket}.s3.test/${key}`]));
    },
  };
  return { records, targets, artifacts };
}
