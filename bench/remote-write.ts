/** Fills a Prometheus with samples of any time by its remote-write receiver (prometheus.io/docs/specs/prw/remote_write_spec). */
import type { Series } from './synthetic-fleet.ts';
import { type Course, courseOf, shapesAt } from './synthetic-values.ts';

interface Span {
  /** Of `second` 0, in milliseconds since 1970. */
  readonly start: number;
  readonly seconds: number;
  /** Between two samples. */
  readonly step: number;
  /** What comes of these samples, and is to be written before the next ones: both in seconds. */
  readonly afterSlice?: (from: number, to: number) => Promise<void>;
}

/** A head takes nothing that is older by an hour than what it has: one slice of all series after the other. */
const SLICE_SECONDS = 1800;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Requests at once: as many as there are cores to take them in. */
const AT_ONCE = 3;

interface Prepared extends Pick<Series, 'from' | 'to'> {
  readonly encoded: Buffer;
  readonly course: Course;
}

/** Answers how many samples that were. */
export async function writeSeries(url: string, series: Iterable<Series>, { start, seconds, step, afterSlice }: Span) {
  // A million series at once are more than a machine likes to have: kept only where they are needed again.
  const prepared = seconds > SLICE_SECONDS ? Array.from(prepare(series)) : prepare(series);
  const send = sender(url);
  let [count, samples] = [0, 0];
  for (let from = 0; from < seconds; from += SLICE_SECONDS) {
    const length = Math.ceil((Math.min(from + SLICE_SECONDS, seconds) - from) / step);
    const times = Array.from({ length }, (_, index) => from + index * step);
    const template = encodeSamples(times.map((second) => ({ time: start + second * 1000, value: 0 })));
    const value = shapesAt(times);
    count = 0;
    for (const { encoded, course, from: begin, to } of prepared) {
      count += 1;
      const first = Math.max(0, Math.ceil((begin - from) / step));
      const last = Math.min(length, Math.ceil((to - from) / step));
      if (last <= first) continue;
      const slice = Buffer.from(template.subarray(first * SAMPLE_BYTES, last * SAMPLE_BYTES));
      for (let index = first; index < last; index++) {
        slice.writeDoubleLE(value(course, index), (index - first) * SAMPLE_BYTES + VALUE_OFFSET);
      }
      samples += last - first;
      await send.add(encoded, slice);
    }
    await send.flush();
    await afterSlice?.(from, Math.min(from + SLICE_SECONDS, seconds));
  }
  return { series: count, samples };
}

function* prepare(series: Iterable<Series>): Generator<Prepared> {
  let index = 0;
  for (const one of series) {
    yield { from: one.from, to: one.to, encoded: encodeLabels(one.labels), course: courseOf(one, index) };
    index += 1;
  }
}

export interface Sample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

/** Batches, a few of them under way at once; `flush` waits for all. */
export function sender(url: string) {
  let parts: Buffer[] = [];
  let bytes = 0;
  const underWay = new Set<Promise<void>>();
  const post = async (body: Buffer): Promise<void> => {
    const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' };
    const response = await fetch(`${url}/api/v1/write`, { method: 'POST', headers, body: new Uint8Array(body) });
    if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
  };
  const begin = async (): Promise<void> => {
    const sent = post(asSnappy(Buffer.concat(parts))).finally(() => underWay.delete(sent));
    underWay.add(sent);
    [parts, bytes] = [[], 0];
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  };
  return {
    /** Of `encodeLabels` and of `encodeSamples`. */
    async add(labels: Buffer, samples: Buffer): Promise<void> {
      const length = labels.length + samples.length;
      parts.push(Buffer.from([0x0a, ...varint(length)]), labels, samples);
      bytes += length;
      if (bytes >= BATCH_BYTES) await begin();
    },
    async flush(): Promise<void> {
      if (parts.length > 0) await begin();
      await Promise.all(underWay);
    },
  };
}

/** Label { name = 1, value = 2 }, each in field 1 of TimeSeries; sorted by name. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(labels).map(([name, value]) => encodeLabel(name, value)));
}

/** The same ones come in very many series. */
const encodedLabels = new Map<string, Buffer>();

function encodeLabel(name: string, value: string): Buffer {
  const key = `${name}=${value}`;
  const known = encodedLabels.get(key);
  if (known !== undefined) return known;
  const pair = Buffer.concat([text(0x0a, name), text(0x12, value)]);
  const encoded = Buffer.concat([Buffer.from([0x0a, ...varint(pair.length)]), pair]);
  encodedLabels.set(key, encoded);
  return encoded;
}

function text(tag: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([tag, ...varint(bytes.length)]), bytes]);
}

/** Tag and length, tag and double, tag and a timestamp of six bytes (until the year 2109). */
const SAMPLE_BYTES = 2 + 9 + 7;
const VALUE_OFFSET = 3;

/** Sample { value = 1 (double), timestamp = 2 (varint) }, each in field 2 of TimeSeries. */
export function encodeSamples(samples: readonly Sample[]): Buffer {
  const buffer = Buffer.allocUnsafe(samples.length * SAMPLE_BYTES);
  let offset = 0;
  for (const { time, value } of samples) {
    buffer[offset] = 0x12;
    buffer[offset + 1] = SAMPLE_BYTES - 2;
    buffer[offset + 2] = 0x09;
    buffer.writeDoubleLE(value, offset + VALUE_OFFSET);
    buffer[offset + 11] = 0x10;
    let rest = time;
    for (let index = 12; index < 17; index++) {
      buffer[offset + index] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    buffer[offset + 17] = rest;
    offset += SAMPLE_BYTES;
  }
  return buffer;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Snappy's block format needs no compression: one literal with its length in four bytes. */
function asSnappy(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length - 1);
  return Buffer.concat([Buffer.from(varint(body.length)), Buffer.from([63 << 2]), length, body]);
}
