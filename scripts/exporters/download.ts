import { open, stat, truncate } from 'node:fs/promises';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { ConfigError } from '../../shared/core/errors.ts';

export interface DownloadOptions {
  /** How often a source is asked before the next one; 1, 2, 4 … s apart. */
  readonly attempts?: number | undefined;
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  /** More of a file is not taken than this, 1 GB where nothing is said, and the one byte that tells. */
  readonly maxBytes?: number | undefined;
}

/** The source will say the same next time. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

const ATTEMPTS = 5;
const IDLE_MS = 30_000; // a transfer may take as long as it wants, but not stand still for this long
const MAX_REDIRECTS = 5; // a release page redirects once
const MAX_BYTES = 1_000_000_000; // twice what any release has
const MAX_LIST_BYTES = 1024 * 1024;
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Brings the rest of the file to `draft`, which may have its beginning; how much of it is there is told as it comes. */
export async function download(
  url: string,
  draft: string,
  onProgress: (done: number, total?: number) => void,
  options: DownloadOptions = {},
): Promise<void> {
  const { maxBytes = MAX_BYTES } = options;
  await persistently(options, () =>
    watched(async (signal, alive) => {
      const have = await sizeOf(draft);
      const response = await get(url, { method: 'GET', ...(have > 0 && { range: `bytes=${have}-` }) }, signal);
      // 416: there is no more of it than we have. What we have is judged by its checksum.
      if (response.status === 416 && have > 0) return;
      refuseUnlessOk(response);
      let done = isRest(response, have) ? have : 0;
      await truncate(draft, done).catch(() => undefined); // there may be none yet
      const length = Number(response.headers.get('content-length') ?? Number.NaN);
      const total = Number.isNaN(length) ? undefined : done + length;
      onProgress(done, total);
      await using file = await open(draft, 'a');
      for await (const chunk of response.body ?? []) {
        alive();
        const taken = chunk.subarray(0, maxBytes + 1 - done);
        await file.appendFile(taken);
        onProgress((done += taken.length), total);
        if (done > maxBytes) break;
      }
      await file.sync();
    }),
  );
}

const isRest = ({ status, headers }: Response, have: number): boolean =>
  status === 206 && (headers.get('content-range') ?? '').startsWith(`bytes ${have}-`);

/** A list of checksums: small. */
export const downloadText = async (url: string, options: DownloadOptions = {}): Promise<string> =>
  await persistently(options, () =>
    watched(async (signal) => {
      const response = await get(url, { method: 'GET' }, signal);
      refuseUnlessOk(response);
      const text = await response.text();
      if (text.length > MAX_LIST_BYTES) throw new RefusedError(`answered ${text.length} bytes, which is no list`);
      return text;
    }),
  );

/** What the source says the file's size is; undefined where it does not. */
export async function downloadSize(url: string): Promise<number | undefined> {
  try {
    const response = await watched((signal) => get(url, { method: 'HEAD' }, signal));
    const size = Number(response.headers.get('content-length'));
    return response.ok && size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}

interface Asked {
  readonly method: 'GET' | 'HEAD';
  readonly range?: string;
}

/** Follows redirects, none of them to plain http: who listens there could answer anything. */
async function get(from: string, { method, range }: Asked, signal: AbortSignal): Promise<Response> {
  let url = from;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const headers = { 'accept-encoding': 'identity', ...(range !== undefined && { range }) };
    const response = await fetch(url, { method, headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    // Of the address no more is said than its host: the rest may be signed.
    if (next.protocol !== 'https:') throw new RefusedError(`redirects to ${next.origin}, which is not https`);
    if (hasPassword(next)) throw new RefusedError(`redirects to ${next.origin} with a user or password`);
    url = next.href;
  }
  throw new RefusedError(`redirects more than ${MAX_REDIRECTS} times`);
}

export const hasPassword = ({ username, password }: URL): boolean => username !== '' || password !== '';

function refuseUnlessOk({ ok, status }: Response): void {
  if (ok) return;
  const isPassing = status >= 500 || status === 429 || status === 408;
  throw new (isPassing ? Error : RefusedError)(`answered ${status}`);
}

async function watched<T>(transfer: (signal: AbortSignal, alive: () => void) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`nothing came for ${IDLE_MS / 1000} s`)), IDLE_MS);
  try {
    return await transfer(controller.signal, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

/** 1, 2, 4, 8 s between five attempts. */
export async function persistently<T>(
  { attempts = ATTEMPTS, pause = pauseFor }: DownloadOptions,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !isWorthAnother(error)) throw error;
      await pause(2 ** (attempt - 1) * 1000);
    }
  }
}

function isWorthAnother(error: unknown): boolean {
  if (error instanceof RefusedError || error instanceof ConfigError || isFull(error)) return false;
  return codeOf(error instanceof Error ? error.cause : undefined) !== 'ENOTFOUND'; // no such host, or no network at all
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

export const isFull = (error: unknown): boolean => FULL.has(String(codeOf(error)));

export const inWords = (error: unknown): string => {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  return cause instanceof Error ? `${message} (${cause.message})` : message;
};

export const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
