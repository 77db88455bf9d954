/** The labels that every target carries by itself; a tag cannot overwrite them. */
export const OWN_LABELS = [
  'account_id',
  'availability_zone',
  'cluster_id',
  'cluster_name',
  'cluster_role',
  'daemon',
  'instance',
  'instance_type',
  'job',
  'market',
  'node_name',
  'region',
  'release_label',
] as const;

/** As target labels they would displace the labels that histograms and summaries are made of. */
const SAMPLE_LABELS = ['le', 'quantile'] as const;

export const RESERVED_LABELS: readonly string[] = [...OWN_LABELS, ...SAMPLE_LABELS];

/** Prometheus's data model: letters, digits and underscores; names that begin with `__` are its own. */
export const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A label name that a tag may be mapped to: one pattern, so that editors check it too. */
export const MAPPABLE_LABEL = new RegExp(`^(?!__|(?:${RESERVED_LABELS.join('|')})$)[a-zA-Z_][a-zA-Z0-9_]*$`);
