import { OWN_LABELS } from './labels.ts';

/** As target labels they would displace the labels that histograms and summaries are made of. */
const SAMPLE_LABELS = ['le', 'quantile'] as const;

/** What a tag cannot be mapped to, beside everything that begins with `__`; `exporters`: the labels of their endpoints. */
export const reservedLabels = (exporters: readonly string[]): readonly string[] => [
  ...OWN_LABELS,
  ...SAMPLE_LABELS,
  ...exporters,
];

/** Prometheus's data model: letters, digits and underscores; names that begin with `__` are its own. */
export const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A label name that a tag may be mapped to: one pattern, so that editors check it too. */
export const mappableLabel = (reserved: readonly string[]): RegExp =>
  new RegExp(`^(?!__|(?:${reserved.join('|')})$)[a-zA-Z_][a-zA-Z0-9_]*$`);
