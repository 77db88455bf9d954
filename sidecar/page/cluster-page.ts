import type { ClusterId } from '../../shared/core/model.ts';
import { document, facts, table } from './document.ts';
import { html, shortened } from './html.ts';
import { bidi, stateOf, sum } from './overview.ts';
import type { View } from './view.ts';
import { ago, counted, phaseInWords, WHY_IN_WORDS } from './words.ts';

const MAX_REASON = 400;
const MAX_LEAVING = 50;

/** `/clusters/<id>`: one cluster and what is not done on its nodes; undefined when nothing is known of it. */
export function renderCluster(id: ClusterId, view: View): string | undefined {
  const { statuses, targets, vanished } = view.known;
  const status = statuses.get(id);
  const [files, gone] = [targets.get(id), vanished.get(id)];
  if (status === undefined) return files && renderFileOnly(id, sum(files), gone?.reason);
  const groups = status.groups.map(
    ({ role, market, instanceType, count }) => `${count} ${role} ${market} ${instanceType}`,
  );
  const leaving = status.leaving.slice(0, MAX_LEAVING).join(', ');
  return document(
    `${id} · prometheus-on-emr`,
    html`${home}
      <main>
        <h1>${bidi(status.name)} <small>${id}</small></h1>
        ${facts([
          ['State', stateOf(status)],
          ['Release', status.releaseLabel],
          ['Region', status.region],
          ['Nodes', groups.join('; ') || 'none'],
          ['Leaving', leaving || 'none'],
          ['Targets', jobsOf(files)],
          ['Held', status.held ?? gone?.reason ?? 'no'],
          ['Record changed', ago(Date.parse(status.changedAt ?? '') || undefined, view.now)],
        ])}
        <h2>Exporters</h2>
        ${phaseTable(status.nodes)}
        <h2>Not installed, and notes</h2>
        ${storyTable(status, view.now)}
      </main>`,
  );
}

const home = html`<header>
  <nav aria-label="Pages"><a href="/">All clusters</a></nav>
</header>`;

const renderFileOnly = (id: ClusterId, count: number, reason = 'its record is not read yet'): string =>
  document(
    `${id} · prometheus-on-emr`,
    html`${home}
      <main>
        <h1>${id}</h1>
        <p>There is no record of this cluster, and a file with ${counted(count, 'target')} on disk: ${reason}.</p>
      </main>`,
  );

/** For anything that is not here. */
export const renderNotFound = (): string =>
  document(
    'Not found · prometheus-on-emr',
    html`${home}
      <main>
        <h1>Not found</h1>
        <p>
          There is <a href="/">the overview</a>, <code>/clusters/j-…</code> for each cluster that is watched,
          <code>/metrics</code>, <code>/-/healthy</code> and <code>/-/ready</code>.
        </p>
      </main>`,
  );

const jobsOf = (jobs: ReadonlyMap<string, number> | undefined): string =>
  jobs === undefined
    ? 'no file'
    : [...jobs]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([job, count]) => `${job} ${count}`)
        .join(', ') || 'none';

type Status = NonNullable<ReturnType<View['known']['statuses']['get']>>;

function phaseTable(nodes: Status['nodes']) {
  const sorted = nodes.toSorted((a, b) => (a.exporter + a.phase < b.exporter + b.phase ? -1 : 1));
  const rows = sorted.map(
    ({ exporter, phase, count }) =>
      html`<th scope="row">${exporter}</th>
        <td>${phaseInWords(phase)}</td>
        <td class="count">${count}</td>`,
  );
  return table('Nodes by how far an exporter has come on them.', [['Exporter'], ['Phase'], ['Nodes', 'count']], rows, {
    none: html`<p>Nothing yet.</p>`,
  });
}

function storyTable({ stories, moreStories }: Status, now: Date) {
  const none = html`<p>No work on any node is unfinished.</p>`;
  const rows = stories.map(
    ({ node, role, exporter, why, since, reason }) =>
      html`<th scope="row">${node}<br /><small>${role}</small></th>
        <td>
          ${exporter ?? 'node'}: ${WHY_IN_WORDS[why]}<br /><small
            >${since === undefined ? undefined : ago(since, now)}</small
          >
        </td>
        <td>${shortened(reason ?? '', MAX_REASON)}</td>`,
  );
  return html`${table('The most urgent first.', [['Node'], ['What, since when'], ['Reason']], rows, { none, more: moreStories })}
  ${moreStories > 0 ? html`<p>All of them: <code>npm run status -- j-…</code></p>` : undefined}`;
}
