/** The series of the chosen cluster. `cluster_id` has one value and no "All", so `=` is right. */
export const IN_CLUSTER = 'cluster_id="$cluster_id"';

/** Alerts of ours that fire: somebody's own Prometheus has others, too. */
export const FIRING = 'alertstate="firing", emr!=""';

/** The series of the chosen nodes; "All" is `.+`, so a cluster of 1,000 nodes makes no long expression. */
export const ON_NODES = `${IN_CLUSTER}, cluster_role=~"$cluster_role", instance=~"$instance"`;
