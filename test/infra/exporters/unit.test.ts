import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directivesOf, KNOWN_TO_219, NEW_IN_239, unknownTo219 } from './systemd-directives.ts';

const unit = readFileSync('infra/exporters/node/prometheus-on-emr-node.service', 'utf8');
const hardening = readFileSync('infra/exporters/node/hardening.conf', 'utf8');

test('systemd 219 knows every line of the unit', () => {
  expect(directivesOf(unit).length).toBeGreaterThan(20);
  expect(unknownTo219(unit)).toEqual([]);
});

test.each([
  '[Service]\nDynamicUser=yes',
  '[Service]\nStateDirectory=x',
  '[Service]\nMemoryMax=1M',
  '[Service]\nProtectSystem=strict',
  '[Service]\nSystemCallFilter=@system-service',
  '[Unit]\nStartLimitIntervalSec=0',
])('systemd 219 does not know %j', (text) => {
  expect(unknownTo219(text)).toHaveLength(1);
});

test('systemd 239 knows every line of the drop-in that is installed from 239 on', () => {
  const unknown = directivesOf(hardening).filter(
    ({ name }) => !NEW_IN_239.has(name) && KNOWN_TO_219['Service']?.has(name) !== true,
  );
  expect(unknown).toEqual([]);
  expect(directivesOf(hardening).every(({ section }) => section === 'Service')).toBe(true);
});

const SAID = [
  'RestartSec=5',
  'StartLimitInterval=0',
  'OOMScoreAdjust=800',
  'MemoryLimit=128M',
  'ProtectHome=read-only',
];
test.each([...SAID, 'StandardOutput=journal', 'StandardError=journal'])('the unit says %s', (line) => {
  expect(directivesOf(unit).map((directive) => directive.line)).toContain(line);
});

test('the system call filter and the error that makes it survivable are in the drop-in only', () => {
  const lines = directivesOf(hardening).map(({ line }) => line);
  expect(lines).toContain('SystemCallErrorNumber=EPERM');
  expect(lines).toContain('MemoryMax=128M');
  expect(lines.some((line) => line.startsWith('SystemCallFilter='))).toBe(true);
  expect(unit).not.toMatch(/^SystemCallFilter/m);
});

test('neither file hides processes from node_exporter', () => {
  expect(unit + hardening).not.toMatch(/^(?:ProtectProc|ProcSubset)/m);
});

test('the systemd collector is off, as is every collector that is not named', () => {
  const line = directivesOf(unit).find(({ name }) => name === 'ExecStart')?.line ?? '';
  expect(line).toContain('--collector.disable-defaults');
  expect(line).not.toContain('--collector.systemd');
});
