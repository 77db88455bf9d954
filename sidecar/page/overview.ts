import { span } from '../../shared/core/span.ts';
import type { ListedStatus } from '../known.ts';
import { WHYS } from '../why-pending.ts';
import { concernsOf, isOverdue } from './concerns.ts';
import { document, facts, table } from './document.ts';
import { html, type Html, shortened } from './html.ts';
import type { View } from './view.ts';
import { ago, counted, phaseInWords, WHY_IN_WORDS } from './words.ts';

/** What a page of 300 kB holds, with names as long as these. */
const MAX_CLUSTERS = 500;
const MAX_PENDING = 100;
const MAX_VANISHED = 100;
const MAX_NAME = 60;
const MAX_REASON = 160;

/** `/`: what needs somebody first, then everything that stands. */
export function renderOverview(view: View): string {
  const concerns = concernsOf(view);
  const state = concerns.length === 0 ? 'Nothing needs you.' : `${counted(concerns.length, 'thing')} to look at.`;
  return document(
    `${state} prometheus-on-emr`,
    html`<header>
        <h1>Clusters watched by prometheus-on-emr</h1>
        <p class="state">${state}</p>
        <p class="faint">
          As of ${view.now.toISOString().slice(0, 19).replace('T', ' ')} UTC. <a href="/">Look again</a>
        </p>
        <nav aria-label="On this page">
          <a href="#pending">Not installed</a> <a href="#clusters">Clusters</a>
          <a href="#sync">Sync</a
          >${view.content === undefined ? '' : html` <a href="#content">Rules and dashboards</a>`}
        </nav>
      </header>
      <main>
        ${sectionConcerns(concerns)} ${sectionPending(view)} ${sectionHeld(view)} ${sectionClusters(view)}
        ${sectionSync(view)} ${sectionContent(view)}
      </main>`,
  );
}

function sectionConcerns(concerns: readonly Html[]): Html | undefined {
  if (concerns.length === 0) return undefined;
  return html`<h2 id="concerns">What to look at</h2>
    <ul>
      ${concerns.map((says) => html`<li>${says}</li> `)}
    </ul>`;
}

function sectionPending({ known: { statuses }, now }: View): Html {
  const all = [...statuses]
    .flatMap(([id, { name, pending }]) => pending.map((one) => ({ id, name, ...one })))
    .toSorted((a, b) => WHYS.indexOf(a.why) - WHYS.indexOf(b.why) || (a.since ?? 0) - (b.since ?? 0));
  const rows = all.slice(0, MAX_PENDING).map(({ id, name, exporter, why, count, since, node, reason }) => {
    const others = count === 1 ? '' : ` and ${count - 1} more`;
    return html`<th scope="row">${linkTo(id)}<br />${bidi(name)}<br /><small>${node}${others}</small></th>
      <td>
        ${exporter}: ${WHY_IN_WORDS[why]}<br /><small>${since === undefined ? undefined : ago(since, now)}</small>
      </td>
      <td>${shortened(reason ?? '', MAX_REASON)}</td>`;
  });
  const more = all.length - rows.length;
  const caption =
    'By cluster, exporter and kind of reason; the node, time and reason are of the one that is longest so.';
  const none = html`<p>No work on any node is unfinished.</p>`;
  return html`<h2 id="pending">Not installed</h2>
    ${table(caption, [['Where'], ['What, since when'], ['Reason']], rows, { none, more })}`;
}

function sectionHeld({ known: { vanished, targets }, uptime, holdMs }: View): Html | undefined {
  if (vanished.size === 0) return undefined;
  const rows = [...vanished].slice(0, MAX_VANISHED).map(([id, { kind, reason, since }]) => {
    const until = kind === 'keep' ? 'until somebody accepts it' : `for ${span(since + holdMs - uptime)} more`;
    return html`<th scope="row">${linkTo(id)}<br /><small>${counted(sum(targets.get(id)), 'target')}</small></th>
      <td>${reason}</td>
      <td>for ${span(uptime - since)}</td>
      <td>${until}</td>`;
  });
  return html`<h2 id="held">Files held</h2>
    ${table(
      'Target files that are on disk and not in S3 any more: Prometheus still scrapes their targets.',
      [['Cluster'], ['Why'], ['Noticed'], ['Kept']],
      rows,
      { more: vanished.size - rows.length },
    )}`;
}

function sectionClusters({ known: { statuses, targets, last }, now }: View): Html {
  const all = [...statuses].toSorted(
    ([a, one], [b, other]) => urgency(one, now) - urgency(other, now) || (one.name + a < other.name + b ? -1 : 1),
  );
  const rows = all.slice(0, MAX_CLUSTERS).map(([id, status]) => {
    const files = targets.get(id);
    return html`<th scope="row">${linkTo(id)}<br />${bidi(status.name)}</th>
      <td>${stateOf(status)}</td>
      <td>${phasesOf(status)}</td>
      <td class="count">${files === undefined ? 'no file' : sum(files)}</td>`;
  });
  const nodes = all.reduce((total, [, { groups }]) => total + groups.reduce((some, { count }) => some + count, 0), 0);
  const none = last.has('look')
    ? html`<p>
        No cluster yet. One appears within a minute or two of its start, once it is selected by
        <code>monitoring.yml</code>.
      </p>`
    : html`<p>The records have not been read yet.</p>`;
  const caption = `${counted(all.length, 'cluster')}, ${counted(nodes, 'node')}. Those to look at come first.`;
  return html`<h2 id="clusters">Clusters</h2>
    ${table(caption, [['Cluster'], ['State'], ['Exporters on nodes'], ['Targets', 'count']], rows, {
      none,
      more: all.length - rows.length,
    })}`;
}

function sectionSync({ known: { targets, last, refused }, bucket, now, intervalMs }: View): Html {
  const all = [...targets.values()].reduce((total, jobs) => total + sum(jobs), 0);
  const interval = intervalMs < 1000 ? `${intervalMs} ms` : span(intervalMs);
  return html`<h2 id="sync">Sync</h2>
    ${facts([
      ['Bucket', bucket],
      ['Last pass', ago(last.get('pass'), now)],
      ['Last good pass', html`${ago(last.get('good pass'), now)}; there is one each ${interval}`],
      ['Records read', html`${ago(last.get('look'), now)}; they are once a minute`],
      ['Files on disk', `${targets.size}, with ${counted(all, 'target')}`],
      ['Files refused', refused.size],
    ])}`;
}

function sectionContent({ content, now }: View): Html | undefined {
  if (content === undefined) return undefined;
  return html`<h2 id="content">Rules and dashboards</h2>
    ${facts([
      ['Set in use', content.hash ?? 'none'],
      ['Files', content.files.length],
      ['Last success', ago(content.lastSuccess, now)],
      ['Problem', shortened(content.problem ?? 'none', MAX_REASON)],
    ])}`;
}

/** The name of a cluster may be of any script: its direction ends where it does. */
export const bidi = (name: string): Html => html`<bdi>${shortened(name, MAX_NAME) || '(no name)'}</bdi>`;

export const sum = (jobs: ReadonlyMap<string, number> | undefined): number =>
  [...(jobs?.values() ?? [])].reduce((total, count) => total + count, 0);

export const stateOf = ({ state, isWatched }: ListedStatus): string => (isWatched ? state : `${state}, not watched`);

const linkTo = (id: string): Html => html`<a href="/clusters/${id}">${id}</a>`;

/** The first ones want a person most. */
function urgency({ pending }: ListedStatus, now: Date): number {
  const first = pending.find((one) => isOverdue(one, now));
  return first === undefined ? WHYS.length : WHYS.indexOf(first.why);
}

function phasesOf({ nodes }: ListedStatus): Html {
  const all = Map.groupBy(nodes, ({ exporter }) => exporter);
  const lines = [...all]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([exporter, phases], index) => {
      const words = phases.map(({ phase, count }) => `${count} ${phaseInWords(phase)}`).join(', ');
      return html`${index === 0 ? undefined : html`<br />`}${exporter}: ${words}`;
    });
  return lines.length === 0 ? html`nothing yet` : html`${lines}`;
}
