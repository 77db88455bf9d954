import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { document } from '../../../infra/exporters/jmx/document.ts';
import { directivesOf, KNOWN_TO_219, NEW_IN_239, unknownTo219 } from './systemd-directives.ts';

const FOLDER = 'infra/exporters/jmx';
const read = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');
const linesOf = (text: string): readonly string[] => directivesOf(text).map(({ line }) => line);
const WATCHER = read('prometheus-on-emr-jmx.service');
const ASK = read('prometheus-on-emr-jmx-ask@.service');
const EXPORTER = read('prometheus-on-emr-jmx@.service');

test.each([
  ['the watcher', WATCHER],
  ['an attach', ASK],
  ['an exporter', EXPORTER],
])('systemd 219 knows every line of the unit of %s', (_of, unit) => {
  expect(directivesOf(unit).length).toBeGreaterThan(10);
  expect(unknownTo219(unit)).toEqual([]);
});

test.each(['hardening-watcher.conf', 'hardening-exporter.conf'])('systemd 239 knows every line of %s', (file) => {
  const directives = directivesOf(read(file));
  expect(directives.length).toBeGreaterThan(5);
  expect(directives.filter(({ name }) => !NEW_IN_239.has(name) && KNOWN_TO_219['Service']?.has(name) !== true)).toEqual(
    [],
  );
});

test("the watcher can neither become a daemon's user nor send a daemon a signal", () => {
  expect(linesOf(WATCHER)).toContain('CapabilityBoundingSet=CAP_SYS_PTRACE CAP_CHOWN');
  expect(linesOf(WATCHER)).toContain('NoNewPrivileges=yes');
});

test('an attach has only the capabilities to see a java and to become its user, and half a minute', () => {
  expect(linesOf(ASK)).toContain('CapabilityBoundingSet=CAP_SYS_PTRACE CAP_SETUID CAP_SETGID');
  expect(linesOf(ASK)).toEqual(
    expect.arrayContaining(['NoNewPrivileges=yes', 'Type=oneshot', 'TimeoutStartSec=30', 'TimeoutStopSec=2']),
  );
  expect(linesOf(ASK).join('\n')).not.toMatch(/PrivateTmp|KillMode|SendSIGKILL/); // the attach sockets are in /tmp
});

test('an exporter has no capabilities, a small heap, and both timeouts at three seconds', () => {
  expect(linesOf(EXPORTER)).toContain('CapabilityBoundingSet=');
  expect(EXPORTER).toMatch(/-Xmx48m/);
  expect(EXPORTER).toMatch(/responseTimeout=3000 -Dsun\.rmi\.transport\.tcp\.handshakeTimeout=3000/);
});

const SHIPPED = ['agent.sh', 'ask.sh', 'exporters.sh', 'find-daemons.sh', 'queues.sh', 'watch.sh'] as const;

test.each([...SHIPPED, 'install.sh', 'uninstall.sh'])('%s is bash that parses', (file) => {
  expect(() => execFileSync('bash', ['-n', `${FOLDER}/${file}`])).not.toThrow();
});

test('what is laid down is packed into the same bytes every time, and tar unpacks it, comments apart', async () => {
  const folder = new URL(`../../../${FOLDER}/`, import.meta.url);
  const pack = document.constants['FILES'];
  if (typeof pack !== 'function') throw new Error('FILES is made, not read');
  const packed = await pack(folder);
  expect(await pack(folder)).toBe(packed);
  const unpack = (...args: readonly string[]): string =>
    execFileSync('tar', ['-z', ...args], { input: Buffer.from(packed, 'base64'), encoding: 'utf8' });
  expect(unpack('-xOf', '-', 'rules/namenode.yml')).toBe(read('rules/namenode.yml'));
  expect(unpack('-xOf', '-', 'prometheus-on-emr-jmx.service')).toBe(WATCHER.replaceAll(/^# .*\n/gm, ''));
  for (const script of SHIPPED) {
    expect(unpack('-xOf', '-', script)).toBe(read(script).replaceAll(/^ *# .*\n/gm, ''));
    // A line that looks like a comment is one: no text of several lines has such a line.
    const commands = (text: string) =>
      execFileSync('bash', ['-c', `f() {\n${text}\n}; declare -f f`], { encoding: 'utf8' });
    expect(commands(unpack('-xOf', '-', script))).toBe(commands(read(script)));
  }
  expect(unpack('-tf', '-').split('\n')).toEqual(
    expect.arrayContaining([...SHIPPED, 'rules/namenode.yml', 'prometheus-on-emr-jmx@.service']),
  );
  expect(unpack('-tf', '-')).not.toMatch(/install\.sh|\.ts/);
});

test('nothing that runs on a node reads the wall clock: it jumps', () => {
  const clocks = /\bdate\b|\bSECONDS\b|EPOCH|printf '?%\(|\bhwclock\b|\btimedatectl\b/;
  const commands = (file: string): readonly string[] =>
    read(file)
      .split('\n')
      .map((line) => line.replace(/(?:^| )# .*/, ''));
  for (const file of [...SHIPPED, 'install.sh', 'uninstall.sh'])
    expect(commands(file).filter((line) => clocks.test(line))).toEqual([]);
});
