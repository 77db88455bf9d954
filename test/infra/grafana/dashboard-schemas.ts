import { join } from 'node:path';
import type { AnySchema, ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import type { AnyPanel, CommittedDashboard, CommittedPanel } from './committed-files.ts';

const TYPES = {
  stat: 'StatPanel',
  table: 'TablePanel',
  timeseries: 'TimeseriesPanel',
  cloudwatch: 'CloudWatchPanel',
  row: 'RowOfPanels',
} as const;

type Property = CommittedPanel['fieldConfig']['overrides'][number]['properties'][number];

/** What is wrong with a dashboard, by Grafana's own types: one line for each key and value that they do not know. */
export type Check = (dashboard: CommittedDashboard) => readonly string[];

/** Takes some seconds: TypeScript reads Grafana's types. */
export function createCheck(): Check {
  const generator = createGenerator({
    path: join(import.meta.dirname, 'committed-dashboard.ts'),
    tsconfig: join(import.meta.dirname, 'tsconfig.json'),
    expose: 'none',
    topRef: false,
    skipTypeCheck: true,
  });
  const ajv = new Ajv({ strict: false, allErrors: true });
  const compile = (type: string) => ajv.compile(generator.createSchema(type) as AnySchema);
  const frame = compile('Frame');
  const byType = new Map(Object.entries(TYPES).map(([type, name]) => [type, compile(name)]));
  const ofPanel = (panel: AnyPanel): readonly string[] => {
    const validate = byType.get(kindOf(panel));
    const where = `panel "${panel.title}"`;
    if (!validate) return [`${where}: type ${panel.type} is none of ${[...byType.keys()].join(', ')}`];
    if (panel.type !== 'row') return faults(validate, where, withOverridesTogether(panel));
    const { panels, ...row } = panel;
    return [...faults(validate, where, row), ...panels.flatMap(ofPanel)];
  };
  return ({ panels, ...rest }) => [...faults(frame, rest.uid, rest), ...panels.flatMap(ofPanel)];
}

function faults(validate: ValidateFunction, where: string, value: unknown): readonly string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((error) => `${where}: ${inWords(error)}`);
}

/** A panel that asks CloudWatch has other queries. */
const kindOf = (panel: AnyPanel): string =>
  panel.type === 'timeseries' && panel.datasource.type === 'cloudwatch' ? 'cloudwatch' : panel.type;

const inWords = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || '/'} ${message} ${JSON.stringify(Object.values(params)[0])}`;

/** `{ id: 'custom.width', value: 80 }` becomes `{ custom: { width: 80 } }`, which has a type. */
function together(properties: readonly Property[]): Readonly<Record<string, unknown>> {
  const custom = properties.filter(({ id }) => id.startsWith('custom.'));
  const others = properties.filter(({ id }) => !id.startsWith('custom.'));
  return {
    ...Object.fromEntries(others.map(({ id, value }) => [id, value])),
    ...(custom.length > 0 && {
      custom: Object.fromEntries(custom.map(({ id, value }) => [id.slice('custom.'.length), value])),
    }),
  };
}

const withOverridesTogether = (panel: CommittedPanel) => ({
  ...panel,
  fieldConfig: {
    ...panel.fieldConfig,
    overrides: panel.fieldConfig.overrides.map(({ matcher, properties }) => ({
      matcher,
      properties: together(properties),
    })),
  },
});
