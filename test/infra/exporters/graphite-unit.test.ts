import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directivesOf, KNOWN_TO_219, NEW_IN_239, unknownTo219 } from './systemd-directives.ts';

const FOLDER = 'infra/exporters/graphite';
const unit = readFileSync(`${FOLDER}/prometheus-on-emr-graphite.service`, 'utf8');
const hardening = readFileSync(`${FOLDER}/hardening.conf`, 'utf8');
const linesOf = (text: string): readonly string[] => directivesOf(text).map(({ line }) => line);

test('systemd 219 knows every line of the unit', () => {
  expect(directivesOf(unit).length).toBeGreaterThan(20);
  expect(unknownTo219(unit)).toEqual([]);
});

test('systemd 239 knows every line of the drop-in that is installed from 239 on', () => {
  const unknown = directivesOf(hardening).filter(
    ({ name }) => !NEW_IN_239.has(name) && KNOWN_TO_219['Service']?.has(name) !== true,
  );
  expect(unknown).toEqual([]);
  expect(linesOf(hardening)).toContain('MemoryMax=256M');
});

test('it takes lines from its own machine only, keeps what is mapped, for a minute, and caches nothing', () => {
  const command = linesOf(unit).find((line) => line.startsWith('ExecStart='));
  const flags = command?.match(/--[^ \\]+/g);
  expect(flags).toEqual([
    '--web.listen-address=:@PORT@',
    '--graphite.listen-address=127.0.0.1:9109',
    '--graphite.mapping-config=/opt/prometheus-on-emr/graphite/mapping.yml',
    '--graphite.mapping-strict-match',
    '--graphite.cache-size=0',
    '--graphite.sample-expiry=60s',
    '--log.level=error',
  ]);
});

test('it is started again whenever it ends, soon and without end, with its memory bounded, also where the kernel has no cgroup for it', () => {
  expect(linesOf(unit)).toEqual(
    expect.arrayContaining([
      'Restart=always',
      'RestartSec=2',
      'StartLimitInterval=0',
      'OOMScoreAdjust=800',
      'MemoryLimit=256M',
      'LimitDATA=512M',
      'CPUQuota=100%',
      'CapabilityBoundingSet=',
      'NoNewPrivileges=yes',
    ]),
  );
});
