import { ConfigError } from '../../shared/core/errors.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run exporters -- [list | lock | fetch | verify | publish] [options] [name …]

The releases of exporters, and of Prometheus and Alertmanager, by checksum. Without names all of them.

  list       version, licence, source and files, and which are locked (also without a command)
  lock       locks what is not locked yet by the official lists, and compares the rest with them; node=1.12.1: that version
  fetch      brings every locked file here: from a folder (PROMETHEUS_ON_EMR_ARTIFACTS), a mirror of github.com
             (PROMETHEUS_ON_EMR_MIRROR) or the release page
  verify     compares what is here, and with --stage, --region or --bucket what is in the bucket, with the lock
  publish    fetches what is missing here and puts it into the bucket, where it is missing

  --stage S    which deployment (dev)
  --region R   where it is (AWS_REGION, or us-east-1)
  --bucket B   its bucket, instead of asking CloudFormation`;

const COMMANDS = ['list', 'lock', 'fetch', 'verify', 'publish'] as const;
const OPTIONS = { ...PLACE_OPTIONS, bucket: { type: 'string' } } as const;

export interface ExportersOptions {
  readonly command: (typeof COMMANDS)[number];
  readonly names: readonly string[];
  /** By name, of `lock`. */
  readonly versions: ReadonlyMap<string, string>;
  readonly place: Place;
  readonly bucket: string | undefined;
  /** One was named: by its name, or by its stack. */
  readonly isBucketKnown: boolean;
}

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readExportersOptions(args: readonly string[], env: Env): ExportersOptions {
  refuseSwallowed('exporters', Object.keys(OPTIONS), env);
  const { values, positionals } = parseCommand({ args: [...args], options: OPTIONS, allowPositionals: true }, USAGE);
  const [word = 'list', ...wanted] = positionals;
  const command = COMMANDS.find((known) => known === word);
  if (command === undefined) throw new ConfigError(`${word}: no such command\n\n${USAGE}`);
  const pairs = wanted.map((text) => text.split('=', 2));
  const versions = new Map(pairs.flatMap(([name = '', version]) => (version === undefined ? [] : [[name, version]])));
  if (versions.size > 0 && command !== 'lock') throw new ConfigError(`a version is named to lock only\n\n${USAGE}`);
  for (const [name, version] of versions) {
    if (!/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version))
      throw new ConfigError(`${name}=${version}: a version is three numbers, ${name}=1.2.3`);
  }
  return {
    command,
    names: pairs.map(([name = '']) => name),
    versions,
    place: placeOf(values, env),
    bucket: values.bucket,
    isBucketKnown: Object.keys(values).length > 0,
  };
}
