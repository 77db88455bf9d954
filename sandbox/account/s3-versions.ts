/** The current version of one key. */
export interface S3Object {
  readonly key: string;
  readonly body: Uint8Array;
  /** With its quotes, as S3 returns it. */
  readonly etag: string;
  readonly versionId: string;
  readonly lastModified: Date;
  /** User metadata, `x-amz-meta-` stripped. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Content-Type and the checksum headers of the upload. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A version that is no current object: a delete marker, or an older one, whose body is not kept. */
export interface OldVersion extends Pick<S3Object, 'key' | 'versionId' | 'lastModified'> {
  readonly isMarker: boolean;
  readonly etag: string;
  readonly size: number;
}

/** What ListObjectVersions tells of one version. */
export interface Version extends OldVersion {
  readonly isLatest: boolean;
}

/** Per key all versions but the current object, newest last: a key may be written ten thousand times. */
export type Versions = Map<string, OldVersion[]>;

export function addOld(old: Versions, version: OldVersion): void {
  const before = old.get(version.key);
  if (before === undefined) old.set(version.key, [version]);
  else before.push(version);
}

export const marker = (key: string, versionId: string, lastModified: Date): OldVersion => ({
  key,
  versionId,
  lastModified,
  isMarker: true,
  etag: '',
  size: 0,
});

export const withoutBody = ({ key, versionId, lastModified, etag, body }: S3Object): OldVersion => ({
  key,
  versionId,
  lastModified,
  etag,
  size: body.length,
  isMarker: false,
});

/** Every version of a key, newest first. */
export const versionsOf = (current: S3Object | undefined, old: readonly OldVersion[]): readonly Version[] =>
  [...(current === undefined ? [] : [withoutBody(current)]), ...old.toReversed()].map((version, n) => ({
    ...version,
    isLatest: n === 0,
  }));
