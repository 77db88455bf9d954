import * as z from 'zod/mini';
import type { CatalogueEntry, ExporterSection, Ports } from './catalogue.ts';
import { LABEL_NAME, mappableLabel, reservedLabels } from './label-names.ts';
import type { Limit, Policies, RolloutSettings } from './settings.ts';

/** What monitoring.yml says. This file is the one definition: it validates, and monitoring.schema.json is made from it. */
export interface Monitoring {
  readonly clusters: { readonly tags: Readonly<Record<string, readonly string[]>> };
  /** Target label ← cluster tag. */
  readonly labels: Readonly<Record<string, string>>;
  /** Every exporter of the catalogue; one that the file does not name is switched off. */
  readonly exporters: Readonly<Record<string, ExporterSection>>;
  readonly policies: Policies;
  readonly rollout: RolloutSettings;
}

const PORT = 'a whole number from 1024 to 65535';
const ROLES = 'a list of at least one of MASTER, CORE, TASK';
const VALUES = 'a list of at least one allowed value (a text in quotes where it looks like a number or true/false)';

/** EMR tags: keys of 1 to 128 characters, values of at most 256 (EMR API, Tag). */
const tagName = z
  .string({ error: 'the name of a cluster tag' })
  .check(z.minLength(1, { error: 'the name of a cluster tag' }), z.maxLength(128, { error: 'at most 128 characters' }));
const tagValue = z.string({ error: VALUES }).check(z.maxLength(256, { error: 'at most 256 characters' }));

const clusters = z
  .strictObject(
    {
      tags: z
        .prefault(
          z.record(tagName, z.array(tagValue, { error: VALUES }).check(z.minLength(1, { error: VALUES })), {
            error: 'tag names, each with its list of allowed values; {} for every cluster',
          }),
          {},
        )
        .check(z.describe('A cluster is watched when each tag named here has one of its values. {}: every cluster.')),
    },
    { error: 'a mapping with the key tags' },
  )
  .check(z.describe('Which clusters are watched.'));

const labels = (catalogue: readonly CatalogueEntry[]) => {
  const reserved = reservedLabels(catalogue.flatMap((entry) => entry.labels ?? []));
  const error = ({ input }: { readonly input?: unknown }) => labelProblem(String(input), reserved);
  return z
    .record(z.string().check(z.regex(mappableLabel(reserved), { error })), tagName, {
      error: 'label names, each with the name of a cluster tag',
    })
    .check(z.describe('Labels that every target gets from a tag of its cluster: label name: tag name.'));
};

/** Privileged ports would need a privileged exporter: 1024 and up. */
const port = z.int({ error: PORT }).check(z.gte(1024, { error: PORT }), z.lte(65_535, { error: PORT }));
const roles = z
  .array(z.enum(['MASTER', 'CORE', 'TASK'], { error: ROLES }), { error: ROLES })
  .check(z.minLength(1, { error: ROLES }));

function labelProblem(name: string, reserved: readonly string[]): string {
  if (reserved.includes(name)) return `a label name that is not reserved (${reserved.join(', ')})`;
  if (LABEL_NAME.test(name)) return 'a label name';
  return 'a label name: letters, digits and _, not beginning with a digit or with __';
}

const enabled = z
  .prefault(z.boolean({ error: 'true or false' }), true)
  .check(z.describe('false: it is taken off the nodes that have it.'));

/** Samples are stale after 5 minutes: with more than 2 between them one that is missed would be a gap. */
const INTERVAL = 'seconds from 5s to 120s';
const scrapeInterval = z
  .prefault(
    z.string({ error: INTERVAL }).check(z.regex(/^([5-9]|[1-9][0-9]|1[01][0-9]|120)s$/, { error: INTERVAL })),
    '15s',
  )
  .check(
    z.describe('How often Prometheus asks each of its targets, 5s to 120s: goes into infra/prometheus/scrape.yml.'),
  );

const section = ({ name, about, ports, roles: usual, options }: CatalogueEntry) => {
  const where = { enabled, roles: z.prefault(roles, [...usual]).check(z.describe('On which nodes it runs.')) };
  const how = { scrapeInterval, options: z.prefault(options, {}) };
  const mapping = (key: string) =>
    `a mapping with the keys enabled, roles, ${key}, scrapeInterval, options; {} for the defaults`;
  if (typeof ports === 'number') {
    const one = z
      .prefault(port, ports)
      .check(z.describe("The port that Prometheus scrapes, 1024 to 65535, no other exporter's."));
    return z.pipe(
      z.strictObject({ ...where, port: one, ...how }, { error: mapping('port') }).check(z.describe(about)),
      z.transform(({ port: given, ...rest }): ExporterSection => ({ ...rest, ports: { [name]: given } })),
    );
  }
  const named = Object.fromEntries(Object.keys(ports).map((key) => [key, z.optional(port)]));
  const error = 'a mapping of names, each with its port';
  const many = z
    .prefault(z.strictObject(named, { error }), { ...ports })
    .check(z.describe('What is scraped, each with the port; what is not named here is left alone.'));
  return z.pipe(
    z.strictObject({ ...where, ports: many, ...how }, { error: mapping('ports') }).check(z.describe(about)),
    z.transform((given): ExporterSection => ({ ...given, ports: withoutGaps(given.ports) })),
  );
};

const withoutGaps = (ports: Readonly<Record<string, number | undefined>>): Ports =>
  Object.fromEntries(Object.entries(ports).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

/** Editors check it by the pattern, which therefore leaves 0% and 101% out. */
const share = (error: string) =>
  z.string({ error }).check(z.regex(/^(?!0(\.0+)?%)(100|[1-9]?[0-9](\.[0-9]+)?)%$/, { error }));
const toShare = (text: string): number => Number(text.slice(0, -1)) / 100;

const LIMIT = 'a whole number of nodes, or a share above 0 and at most 100 %, such as 50%';
export const limit = z.pipe(
  z.union([z.int().check(z.nonnegative({ error: LIMIT })), share(LIMIT)], { error: LIMIT }),
  z.transform((given): Limit => (typeof given === 'number' ? { nodes: given } : { share: toShare(given) })),
);

const toggle = (about: string) => z.prefault(z.boolean({ error: 'true or false' }), false).check(z.describe(about));

const policies = z
  .strictObject(
    {
      dryRun: toggle('true: nothing is ordered, forgotten or dropped; what would be is logged.'),
      pauseInstalls: toggle('true: nothing is installed or upgraded; what has to go still goes.'),
      limitDeletes: z
        .prefault(limit, '100%')
        .check(
          z.describe(
            'A number: when more nodes of one running cluster would be forgotten at once, none is. A share: when this share of them or more would be, none is.',
          ),
        ),
    },
    { error: 'a mapping with the keys dryRun, pauseInstalls, limitDeletes' },
  )
  .check(z.describe('What may not be done, whatever was decided.'));

const rolloutShare = (about: string) =>
  z
    .prefault(z.pipe(share('a share above 0 and at most 100 %, such as 10%'), z.transform(toShare)), '10%')
    .check(z.describe(about));

const rollout = z
  .strictObject(
    {
      atOnce: rolloutShare(
        'Of the nodes that have the exporter, how many may be under way to another version at once; one always may.',
      ),
      failures: rolloutShare('Of the nodes that have tried the version, how many may have failed before it stops.'),
    },
    { error: 'a mapping with the keys atOnce, failures' },
  )
  .check(z.describe('How another version of an exporter, or a changed document, reaches the nodes that have one.'));

/** `catalogue`: every exporter there is; the configuration knows no other. */
export const monitoringSchema = (catalogue: readonly CatalogueEntry[]) =>
  z.strictObject(
    {
      clusters: z.prefault(clusters, {}),
      labels: z.prefault(labels(catalogue), { service: 'Service', project: 'Project' }),
      exporters: z
        .strictObject(
          Object.fromEntries(catalogue.map((entry) => [entry.name, z.prefault(section(entry), { enabled: false })])),
          {
            error: 'a mapping of exporters',
          },
        )
        .check(z.describe('What is installed. An exporter that is not named here is not installed.')),
      policies: z.prefault(policies, {}),
      rollout: z.prefault(rollout, {}),
    },
    { error: 'a mapping with the key exporters' },
  );
