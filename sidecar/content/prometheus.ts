import { request } from 'node:http';
import { messageOf } from '../failure.ts';
import { ContentError } from './content-error.ts';

const READY_MS = 5000;
/** A Prometheus of many rules and targets takes its time, and answers when it is done. */
const RELOAD_MS = 120_000;
const MAX_ANSWER = 2048;

export interface Prometheus {
  /** Throws while it is down, or replays its log. */
  ready(): Promise<void>;
  /** Throws a ContentError that is not retryable when it refuses what is on disk. */
  reload(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Beside us, started with --web.enable-lifecycle. */
export function prometheusAt(url: URL): Prometheus {
  const ask = async (method: string, path: string, ms: number): Promise<Answer> => {
    try {
      return await send(new URL(`${url.href.replace(/\/$/, '')}${path}`), method, ms);
    } catch (cause) {
      throw notNow(`${method} ${path} of Prometheus at ${url.href}: ${messageOf(cause)}`, cause);
    }
  };
  return {
    async ready() {
      const { status } = await ask('GET', '/-/ready', READY_MS);
      if (status !== 200) throw notNow(`Prometheus at ${url.href} is not ready (HTTP ${status})`);
    },
    async reload() {
      const { status, text } = await ask('POST', '/-/reload', RELOAD_MS);
      if (status === 200) return;
      // 403, or 404 and 405 of older ones: it never looked at the files.
      if (status !== 500)
        throw notNow(
          `Prometheus at ${url.href} does not reload (HTTP ${status}): start it with --web.enable-lifecycle`,
        );
      throw new ContentError('prometheus', `Prometheus refuses (its log has the file and line): ${text.trim()}`);
    },
  };
}

const notNow = (message: string, cause?: unknown) =>
  new ContentError('prometheus', message, { cause, retryable: true });

function send(url: URL, method: string, ms: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent: false, signal: AbortSignal.timeout(ms) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < MAX_ANSWER) text += chunk.slice(0, MAX_ANSWER - text.length);
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}
