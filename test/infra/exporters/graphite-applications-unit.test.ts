import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directivesOf, KNOWN_TO_219, NEW_IN_239, unknownTo219 } from './systemd-directives.ts';

const read = (file: string): string => readFileSync(`infra/exporters/graphite/${file}`, 'utf8');
const SERVICE = read('prometheus-on-emr-graphite-applications.service');
const HARDENING = read('hardening-applications.conf');
const SCRIPTS = ['application-names.sh', 'applications.sh'];

test('systemd 219 knows every line of the unit, systemd 239 every line of what is added', () => {
  expect(directivesOf(SERVICE).length).toBeGreaterThan(20);
  expect(unknownTo219(SERVICE)).toEqual([]);
  const unknown = directivesOf(HARDENING).filter(
    ({ name }) => !NEW_IN_239.has(name) && KNOWN_TO_219['Service']?.has(name) !== true,
  );
  expect(unknown).toEqual([]);
});

test('the page goes whatever the service ends by, and it writes nowhere but beside that', () => {
  const program = read('application-names.sh');
  const folder = /TEXTFILES=(\S+)/.exec(program)?.[1] ?? '';
  const files = [...program.matchAll(/(?:PAGE|DRAFT)=\$TEXTFILES(\S+)/g)].map(([, name]) => `${folder}${name}`);
  expect(files).toHaveLength(2);
  expect(SERVICE).toContain(`\nExecStopPost=-/bin/rm -f ${files.join(' ')}\n`);
  expect(HARDENING).toContain(`\nProtectSystem=strict\nReadWritePaths=-${folder}\n`);
});

test.each(SCRIPTS)('%s is bash that parses, and reads no wall clock', (file) => {
  execFileSync('bash', ['-n', `infra/exporters/graphite/${file}`]);
  const commands = read(file).replaceAll(/(?:^| )# .*$/gm, '');
  expect(commands).not.toMatch(/\bdate\b|\bSECONDS\b|EPOCH|printf '?%\(/);
});

test('of the page, awk reads every other quote: no apostrophe ends its program', () => {
  const commands = (text: string) =>
    execFileSync('bash', ['-c', `f() {\n${text}\n}; declare -f f`], { encoding: 'utf8' });
  const program = read('application-names.sh');
  expect(commands(program.replaceAll(/^ *# .*\n/gm, ''))).toBe(commands(program).replaceAll(/^ *# .*\n/gm, ''));
});
