import * as z from 'zod/mini';
import type { CatalogueEntry, ExporterSection } from './catalogue.ts';
import { LABEL_NAME, MAPPABLE_LABEL, RESERVED_LABELS } from './label-names.ts';

/** What monitoring.yml says. This file is the one definition: it validates, and monitoring.schema.json is made from it. */
export interface Monitoring {
  readonly clusters: { readonly tags: Readonly<Record<string, readonly string[]>> };
  /** Target label ← cluster tag. */
  readonly labels: Readonly<Record<string, string>>;
  /** Every exporter of the catalogue; one that the file does not name is switched off. */
  readonly exporters: Readonly<Record<string, ExporterSection>>;
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

const labelName = z.string().check(z.regex(MAPPABLE_LABEL, { error: ({ input }) => labelProblem(String(input)) }));

const labels = z
  .record(labelName, tagName, { error: 'label names, each with the name of a cluster tag' })
  .check(z.describe('Labels that every target gets from a tag of its cluster: label name: tag name.'));

/** Privileged ports would need a privileged exporter: 1024 and up. */
const port = z.int({ error: PORT }).check(z.gte(1024, { error: PORT }), z.lte(65_535, { error: PORT }));
const roles = z
  .array(z.enum(['MASTER', 'CORE', 'TASK'], { error: ROLES }), { error: ROLES })
  .check(z.minLength(1, { error: ROLES }));

function labelProblem(name: string): string {
  if (RESERVED_LABELS.includes(name)) return `a label name that is not reserved (${RESERVED_LABELS.join(', ')})`;
  if (LABEL_NAME.test(name)) return 'a label name';
  return 'a label name: letters, digits and _, not beginning with a digit or with __';
}

const section = (entry: CatalogueEntry) =>
  z
    .strictObject(
      {
        enabled: z
          .prefault(z.boolean({ error: 'true or false' }), true)
          .check(z.describe('false: it is installed on no further node; those that have it keep it for now.')),
        roles: z.prefault(roles, [...entry.roles]).check(z.describe('On which nodes it runs.')),
        port: z.prefault(port, entry.port).check(z.describe('The port that Prometheus scrapes.')),
        options: z.prefault(entry.options, {}),
      },
      { error: 'a mapping with the keys enabled, roles, port, options; {} for the defaults' },
    )
    .check(z.describe(entry.about));

/** `catalogue`: every exporter there is; the configuration knows no other. */
export const monitoringSchema = (catalogue: readonly CatalogueEntry[]) =>
  z.strictObject(
    {
      clusters: z.prefault(clusters, {}),
      labels: z.prefault(labels, { service: 'Service', project: 'Project' }),
      exporters: z
        .strictObject(
          Object.fromEntries(catalogue.map((entry) => [entry.name, z.prefault(section(entry), { enabled: false })])),
          {
            error: 'a mapping of exporters',
          },
        )
        .check(z.describe('What is installed. An exporter that is not named here is not installed.')),
    },
    { error: 'a mapping with the key exporters' },
  );
