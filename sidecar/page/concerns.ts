import type { Pending } from '../pending.ts';
import type { Why } from '../why-pending.ts';
import { html, type Html, shortened } from './html.ts';
import type { View } from './view.ts';
import { ago, counted } from './words.ts';

/** What is waited for may come by itself for that long; the functions' own metrics have the same (shared/core/stuck.ts). */
const PATIENCE = 10 * 60_000;
/** Without a good pass, in intervals; a single failed one is no news. */
const LATE_PASSES = 12;
const MAX_ERROR = 300;
const MAX_SHOWN = 20;

/** What somebody has to do something about, in a sentence each. */
export function concernsOf(view: View): readonly Html[] {
  const all = [...standing(view), ...late(view), ...vanished(view), ...refused(view), ...stuck(view)];
  const more = all.length - MAX_SHOWN;
  return more > 0 ? [...all.slice(0, MAX_SHOWN), html`and ${more} more`] : all;
}

const standing = ({ complaints, now }: View): readonly Html[] =>
  [...complaints].map(
    ([subject, { message, error, since }]) =>
      html`<strong>${subject}</strong>: ${message}, since ${ago(since, now)}. ${shortened(error, MAX_ERROR)}`,
  );

function late({ known: { last }, now, intervalMs }: View): readonly Html[] {
  const good = last.get('good pass');
  if (good === undefined)
    return [html`<strong>No good pass yet</strong>: these are the files that were on disk when this sidecar started.`];
  if (now.getTime() - good.getTime() < Math.max(60_000, LATE_PASSES * intervalMs)) return [];
  return [html`<strong>Targets are not up to date</strong>: the last good pass ended ${ago(good, now)}.`];
}

function vanished({ known }: View): readonly Html[] {
  const count = (wanted: string) => [...known.vanished.values()].filter(({ kind }) => kind === wanted).length;
  const [kept, held] = [count('keep'), count('hold')];
  const accept = html`<code>systemctl kill --signal=USR2 prometheus-on-emr-sidecar</code>`;
  return [
    ...(kept === 0
      ? []
      : [
          html`<strong>${counted(kept, 'target file')} kept</strong>: over half of all keys vanished from S3 at once. If
            that is right, let them go: ${accept}`,
        ]),
    ...(held === 0
      ? []
      : [
          html`<strong>${counted(held, 'target file')} held</strong>: vanished from S3 and no end of their clusters is
            known. <a href="#held">Which</a>`,
        ]),
  ];
}

const refused = ({ known }: View): readonly Html[] =>
  [...known.refused].map(
    ([id, error]) =>
      html`<strong>targets/${id}.json is refused</strong>, the last good one stays: ${shortened(error, MAX_ERROR)}`,
  );

/** Kinds of pending work that do not end by themselves, and what to do first. */
const STUCK: Partial<Readonly<Record<Why, readonly [says: string, todo: (where: Where) => Html]>>> = {
  gave_up: [
    'where an install or removal was given up',
    ({ region, clusters }) =>
      html`mend the reason below, then
        <code>npm run backfill -- --stage … --region ${region} --force${idsOf(clusters)}</code>${
          clusters.length > MAX_NAMES ? ', which without cluster ids is for all active clusters' : ''
        }`,
  ],
  rollout_stopped: ['wait, because the rollout has stopped', () => runbook('RolloutStopped')],
  agent_offline: ['without an SSM agent for over 10 minutes', () => runbook('NodesUnreachable')],
  artifacts_missing: [
    'wait for files that are not in the bucket',
    ({ region }) => html`<code>npm run exporters -- publish --stage … --region ${region}</code>`,
  ],
  put_off: ['put off five times in a row or more', () => runbook('OrdersPutOff')],
};

interface Where {
  readonly region: string;
  readonly clusters: readonly string[];
}

/** Of the checkout: where else it can be read, the sidecar does not know. */
const runbook = (name: string): Html => html`see <code>docs/runbooks/${name}.md</code>`;

const MAX_NAMES = 3;

/** As backfill takes them. */
const idsOf = (clusters: readonly string[]): string =>
  clusters.length > MAX_NAMES ? '' : clusters.map((id) => ` ${id}`).join('');

function stuck({ known: { statuses }, now }: View): readonly Html[] {
  const all = [...statuses].flatMap(([id, { region, pending }]) => pending.map((one) => ({ id, region, ...one })));
  return Object.entries(STUCK).flatMap(([why, [says, todo]]) => {
    const some = all.filter((one) => one.why === why && isOverdue(one, now));
    if (some.length === 0) return [];
    const nodes = some.reduce((sum, { count }) => sum + count, 0);
    const clusters = [...new Set(some.map(({ id }) => id))];
    const where = html`<a href="#pending"
      >${counted(nodes, 'exporter')} on nodes of ${counted(clusters.length, 'cluster')}</a
    >`;
    return [html`<strong>${where}</strong> ${says}: ${todo({ region: some[0]?.region ?? '', clusters })}`];
  });
}

export const isOverdue = ({ why, since }: Pick<Pending, 'why' | 'since'>, now: Date): boolean =>
  STUCK[why] !== undefined &&
  (why === 'gave_up' || why === 'put_off' || since === undefined || now.getTime() - since >= PATIENCE);
