import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeResourceManager, page, site, startResourceManager, where } from './resource-manager.ts';
import { readPage } from './text-page.ts';

let manager: FakeResourceManager;
beforeAll(async () => {
  manager = await startResourceManager();
});
beforeEach(() => manager.answer(200, '{"apps":{}}'));
afterAll(() => manager.stop());

interface App {
  readonly name: string;
  readonly user: string;
  readonly queue: string;
}
const idOf = (number: number): string => `application_1700000000000_${String(number).padStart(4, '0')}`;
/** As the ResourceManager of 3.4 writes it, with more fields of each kind. */
const answerOf = (apps: readonly App[], encode: (text: string) => string = JSON.stringify): string =>
  `{"apps":{"app":[${apps
    .map(
      ({ name, user, queue }, index) =>
        `{"id":"${idOf(index)}","user":${encode(user)},"name":${encode(name)},"queue":${encode(queue)},"state":"RUNNING",` +
        `"progress":12.5,"amNodeLabelExpression":"","unmanagedApplication":false,"diagnostics":null,` +
        `"timeouts":{"timeout":[{"type":"LIFETIME","expiryTime":"UNLIMITED","name":"x"}]}}`,
    )
    .join(',')}]}}`;
const named = (name: string): App => ({ name, user: 'hadoop', queue: 'root.default' });

async function read() {
  const { exit, said } = await manager.tell();
  if (exit !== 0) throw new Error(`exit ${exit}: ${said.toString()}`);
  return readPage(said);
}
const namesOf = async (): Promise<readonly (string | undefined)[]> =>
  (await read()).flatMap(({ name, labels }) => (name === 'spark_application_info' ? [labels['application_name']] : []));

test('a running application is one line with its id, name, user and queue', async () => {
  manager.answer(200, answerOf([named('word count')]));
  expect((await manager.tell()).said.toString()).toBe(
    '# HELP spark_application_info Name, user and queue of a Spark application that YARN runs or is about to.\n' +
      '# TYPE spark_application_info gauge\n' +
      'spark_application_info{application_id="application_1700000000000_0000",application_name="word count",user="hadoop",queue="root.default"} 1\n' +
      '# HELP spark_applications_dropped Spark applications without a name here: more than 500 run.\n' +
      '# TYPE spark_applications_dropped gauge\n' +
      'spark_applications_dropped 0\n',
  );
});

test('only Spark applications that run or are about to are asked for, as JSON, without their resource requests', async () => {
  await read();
  expect(manager.asked.at(-1)).toBe(
    '/ws/v1/cluster/apps?states=RUNNING,ACCEPTED&applicationTypes=SPARK&deSelects=resourceRequests application/json',
  );
});

test.each([
  ['quotes and backslashes', 'a"b\\c\\', 'a"b\\c\\'],
  ['line breaks and tabs', 'a\nb\r\tc', 'a b  c'],
  ['control characters, C1 among them', '\u0000\u0007\u001ba\u007f\u0085b', 'ab'],
  ['what turns the direction of writing', 'a\u202eb\u2066c\u200f', 'abc'],
  ['a comment', '# HELP x y\n# TYPE', '# HELP x y # TYPE'],
  ['a sample of its own', '"} 2\nup{job="x"} 1\n', '"} 2 up{job="x"} 1 '],
  ['JSON', '{"id":"application_1_1"},[]', '{"id":"application_1_1"},[]'],
  ['a surrogate pair', 'é队😀', 'é队😀'],
  ['half a surrogate pair', 'a\ud83db\ude00', 'a\ufffdb\ufffd'],
  ['128 characters', '😀'.repeat(128), '😀'.repeat(128)],
  ['129 characters', '😀'.repeat(129), `${'😀'.repeat(127)}…`],
  ['129 letters', 'a'.repeat(129), `${'a'.repeat(127)}…`],
  ['10 kB of backslashes', '\\'.repeat(10_000), `${'\\'.repeat(127)}…`],
  ['10 kB of quotes', '"'.repeat(10_000), `${'"'.repeat(127)}…`],
  ['10 kB of nothing', '\u0001'.repeat(10_000), ''],
  ['a name that is none', '', ''],
])('%s in a name are told as they may be', async (_what, name, told) => {
  manager.answer(200, answerOf([named(name), named('next')]));
  expect(await namesOf()).toEqual([told, 'next']);
});

const cleaned = (text: string): string => {
  const kept = Array.from(text.replaceAll(/\p{Surrogate}/gu, '\ufffd').replaceAll(/[\t\n\r]/g, ' ')).filter(
    (character) => !/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(character),
  );
  return kept.length > 128 ? `${kept.slice(0, 127).join('')}…` : kept.join('');
};
const escaped = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;

test('whatever applications, users and queues are called, the page is read back as they were', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('\\', '"', 'u', '0', '\n', '{', '}', ',', ':', 'é', '\ud800', '\udc00'),
      maxLength: 200,
    }),
  );
  const apps = fc.array(fc.record({ name: text, user: text, queue: text }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(apps, fc.constantFrom(JSON.stringify, escaped), async (given, encode) => {
      manager.answer(200, answerOf(given, encode));
      expect(await read()).toEqual([
        ...given.map(({ name, user, queue }, index) => ({
          name: 'spark_application_info',
          labels: {
            application_id: idOf(index),
            application_name: cleaned(name),
            user: cleaned(user),
            queue: cleaned(queue),
          },
          value: 1,
        })),
        { name: 'spark_applications_dropped', labels: {}, value: 0 },
      ]);
    }),
    { numRuns: 25 },
  );
});

test('bytes that are no UTF-8 cannot spoil the page', async () => {
  const [before = '', after = ''] = answerOf([named('@')]).split('@');
  const inText = (byte: number) => (byte === 34 || byte === 92 ? 255 : byte);
  const names = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(names, async (given) => {
      const open = before.replace(idOf(0), '#');
      const apps = given.flatMap((bytes, index) => [
        open.replace('#', idOf(index)).replace('{"apps":{"app":[', index === 0 ? '$&' : ','),
        bytes.map(inText),
        after.replace(']}}', ''),
      ]);
      manager.answer(200, Buffer.concat([...apps, ']}}'].map((part) => Buffer.from(part))));
      expect(await namesOf()).toHaveLength(given.length);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ['c341', '\ufffdA'],
  ['80', '\ufffd'],
  ['c0af', '\ufffd\ufffd'],
  ['e08080', '\ufffd\ufffd\ufffd'],
  ['eda080', '\ufffd\ufffd\ufffd'],
  ['f4908080', '\ufffd\ufffd\ufffd\ufffd'],
  ['f09f98', '\ufffd\ufffd\ufffd'],
  ['f09f9880', '😀'],
])('the bytes %s in a name are told as %j', async (hex, told) => {
  const [before = '', after = ''] = answerOf([named('@')]).split('@');
  manager.answer(200, Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]));
  expect(await namesOf()).toEqual([told]);
});

test('an application is told once, and only under an id that YARN may give', async () => {
  const ids = [
    idOf(1),
    idOf(1),
    'application_1_',
    'x',
    `application_${'1'.repeat(60)}_1`,
    'application_1_2"} 1\n',
    idOf(2),
  ];
  const apps = ids.map((id) => ({ id, name: 'n', inner: { id: idOf(9), name: 'z' }, user: 'u', queue: 'q' }));
  manager.answer(
    200,
    JSON.stringify({ other: { app: apps }, apps: { other: [{ id: idOf(8) }], app: apps }, last: [[{}]] }),
  );
  const told = [idOf(1), idOf(2)].map((id) => ({ application_id: id, application_name: 'n', user: 'u', queue: 'q' }));
  expect((await read()).map(({ labels }) => labels)).toEqual([...told, {}]);
});

test('of more than five hundred the oldest are told, the others counted', async () => {
  const numbers = Array.from({ length: 503 }, (_, index) => (index * 211) % 503);
  const app = numbers.map((number) => ({ id: `application_1700000000000_${9_800 + number}`, ...named('n') }));
  manager.answer(200, JSON.stringify({ apps: { app } }));
  const samples = await read();
  const numbersTold = samples.flatMap(({ labels }) => labels['application_id']?.split('_').map(Number).at(-1) ?? []);
  expect(numbersTold).toEqual(Array.from({ length: 500 }, (_, index) => 9_800 + index));
  expect(samples.at(-1)).toEqual({ name: 'spark_applications_dropped', labels: {}, value: 3 });
});

test.each([['{"apps":null}'], ['{"apps":{}}'], ['{"apps":{"app":[]}}'], [' { "apps" : { "app" : [ ] } } ']])(
  'where no application runs (%s) the page says so',
  async (body) => {
    manager.answer(200, body);
    expect(await read()).toEqual([{ name: 'spark_applications_dropped', labels: {}, value: 0 }]);
  },
);

const WHOLE = answerOf([named('n'), named('m')]);
test.each<[string, number, string, number, string]>([
  ['a standby', 307, 'This is standby RM. The redirect url is: /ws\n', 3, 'is not the active one'],
  ['one that knows of no active one', 200, 'There is no active RM right now.\n', 3, 'is not the active one'],
  ['one that wants a login', 401, '<html>', 3, 'wants a login'],
  ['one that forbids', 403, '<html>', 3, 'wants a login'],
  ['one in trouble', 500, WHOLE, 1, 'does not answer: status 500'],
  ['something else', 200, '<html>{"x":[]}', 1, 'is not understood'],
  ['an answer that breaks off', 200, WHOLE.slice(0, -1), 1, 'is not understood'],
  ['an answer that breaks off in a name', 200, WHOLE.slice(0, WHOLE.indexOf('hadoop') + 3), 1, 'is not understood'],
  ['an answer without end', 200, `{"apps":{"app":[${`"${'x'.repeat(1000)}",`.repeat(8_000)}1]}}`, 1, 'is over 8 MB'],
])('of %s there is no page, but why', async (_what, status, body, exit, why) => {
  manager.answer(status, body);
  const told = await manager.tell();
  expect({ exit: told.exit, lines: told.said.toString().trim().split('\n').length }).toEqual({ exit, lines: 1 });
  expect(told.said.toString()).toContain(why);
});

const MANAGER = 'yarn.resourcemanager';
const THREE = {
  [`${MANAGER}.ha.enabled`]: 'true',
  [`${MANAGER}.ha.rm-ids`]: 'rm1,rm2, rm3',
  [`${MANAGER}.hostname.rm1`]: '192.0.2.1',
  [`${MANAGER}.hostname.rm2`]: '127.0.0.1',
  [`${MANAGER}.webapp.address.rm3`]: '192.0.2.3:9999',
};
test.each<[string, string, string, string]>([
  ['on the default port', site({ [`${MANAGER}.hostname`]: 'localhost' }), '', 'http://localhost:8088'],
  ['at an address of its own', site({ [`${MANAGER}.webapp.address`]: '0.0.0.0:9' }), '', 'http://0.0.0.0:9'],
  [
    'at an address in other words',
    site({ 'a.b': '${c}', c: ' localhost ', [`${MANAGER}.webapp.address`]: '${a.b}:18088' }),
    '',
    'http://localhost:18088',
  ],
  ['not in words without end', site({ a: '${a}', [`${MANAGER}.hostname`]: '${a}' }), '', ''],
  [
    'behind TLS',
    site({ 'yarn.http.policy': 'HTTPS_ONLY', [`${MANAGER}.hostname`]: 'localhost' }),
    '',
    'https://localhost:8090',
  ],
  ['among three', site(THREE), '', 'http://127.0.0.1:8088'],
  ['on another node', site({ [`${MANAGER}.hostname`]: '192.0.2.1' }), '', ''],
  ['on a node that is not known', site({ [`${MANAGER}.hostname`]: 'nowhere.invalid' }), '', ''],
  [
    'nowhere in a comment',
    `${site({ [`${MANAGER}.hostname`]: '192.0.2.1' })}<!--\n${site({ [`${MANAGER}.hostname`]: 'localhost' })}-->`,
    '',
    '',
  ],
  [
    'where strangers may ask',
    site({ [`${MANAGER}.hostname`]: 'localhost' }),
    site({ 'hadoop.security.authentication': 'simple' }),
    'http://localhost:8088',
  ],
  [
    'not where Kerberos is',
    site({ [`${MANAGER}.hostname`]: 'localhost' }),
    site({ 'hadoop.security.authentication': 'KERBEROS' }),
    'off the cluster uses Kerberos',
  ],
])('a ResourceManager is found %s', async (_where, yarn, core, expected) => {
  const told = await where({ 'yarn-site.xml': yarn, 'core-site.xml': core === '' ? site({}) : core });
  expect({ exit: told.exit, said: told.said.toString().trim() }).toEqual({ exit: 0, said: expected });
});

test('where Hadoop is not installed there is no ResourceManager', async () => {
  expect(await where({})).toEqual({ exit: 0, said: Buffer.alloc(0) });
});

test.each([
  ['', 'no ResourceManager runs on this node'],
  ['off the cluster uses Kerberos', 'the cluster uses Kerberos'],
  ['http://127.0.0.1:9', 'the ResourceManager does not answer: status 000'],
])('a ResourceManager %j is not asked, and it is said why', async (place, why) => {
  const { exit, said } = await page(place);
  expect({ exit, said: said.toString() }).toEqual({ exit: place.startsWith('http') ? 1 : 3, said: `${why}\n` });
});

test('of an answer without end, and without a quote, no more is taken than is read', async () => {
  const taken = manager.flood();
  const { exit, said } = await manager.tell();
  expect([exit, said.toString()]).toEqual([1, expect.stringContaining('is over 8 MB')]);
  expect(await taken).toBeLessThan(2 ** 25);
});
