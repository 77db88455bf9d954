export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Exactly as it stands in the file, once. */
  readonly line: string;
  readonly instead: string;
}

/** Bugs that the simulation has to find: each is one place of the product (or of its bucket), changed. */
export const mutations: readonly Mutation[] = [
  {
    name: 'lease ignored',
    file: 'shared/core/decide.ts',
    line: 'if (isOver(at, LEASE, known.now)) return undefined;',
    instead: 'if (isOver(at, RESULT_OVERDUE, known.now)) return undefined;',
  },
  {
    name: 'claim without command id taken for never sent',
    file: 'shared/core/decide.ts',
    line: "if (!isOver(at, CLAIM_SETTLES, known.now)) return wait('order being sent');",
    instead: 'if (!isOver(at, CLAIM_SETTLES, known.now)) return undefined;',
  },
  {
    name: 'If-Match dropped',
    file: 'test/fakes/storage.ts',
    line: "const condition = etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag };",
    instead: "const condition = etag === undefined ? { ifNoneMatch: '*' } : {};",
  },
  {
    name: 'partial page accepted',
    file: 'test/sim/container.ts',
    line: "if (trouble.strikes('page fails', 0.04)) throw new UnavailableError(`${operation}: a page failed`);",
    instead: "if (trouble.strikes('page fails', 0.4)) return firstOf(answer, read);",
  },
  {
    name: 'node that EC2 does not know is gone',
    file: 'shared/core/observe.ts',
    line: "instance?.state === 'shutting-down' || instance?.state === 'terminated';",
    instead: "instance?.state !== 'pending' && instance?.state !== 'running' && instance !== undefined;",
  },
  {
    name: 'ended/ not checked after a lost race',
    file: 'shared/reconcile.ts',
    line: 'if (stored === undefined && (await app.records.isEnded(id))) return 0;',
    instead: '',
  },
  {
    name: 'result matched by node',
    file: 'shared/core/results.ts',
    line: 'if (work === undefined || work.orderId !== result.orderId)',
    instead: 'if (work === undefined)',
  },
  {
    name: 'sent without a claim',
    file: 'shared/execute.ts',
    line: 'const saved = await save(claim(stored.value, fresh, id), stored, app);',
    instead: 'const saved = stored;',
  },
  {
    name: 'observation kept after a lost race',
    file: 'shared/reconcile.ts',
    line: 'if (view?.seen === undefined || isOlder(view.seen, stored?.value))',
    instead: 'if (view?.seen === undefined)',
  },
  {
    name: 'budget ignored',
    file: 'shared/budget.ts',
    line: 'return Math.max(0, ...asked.map((operation) => waitFor(bucket(operation), fullAt(operation), at)));',
    instead: 'return 0 * at * asked.length;',
  },
  {
    name: 'deselected cluster served',
    file: 'shared/core/plan.ts',
    line: 'selected && exporter.roles.includes(role);',
    instead: 'selected !== undefined && exporter.roles.includes(role);',
  },
  {
    name: 'target file of an older record published',
    file: 'shared/publish.ts',
    line: 'if (current !== undefined && current.value.sequence > record.sequence) return stored;',
    instead: '',
  },
  {
    name: 'attempts not counted',
    file: 'shared/core/results.ts',
    line: 'const attempt = work.attempt + 1;',
    instead: 'const attempt = Math.max(1, work.attempt);',
  },
  {
    name: 'share of a rollout ignored',
    file: 'shared/core/rollout.ts',
    line: "const most = stage === 'canary' ? 1 : Math.max(1, Math.floor(atOnce * total));",
    instead: "const most = stage === 'canary' ? 1 : total + 0 * atOnce;",
  },
  {
    name: 'several canaries',
    file: 'shared/core/rollout.ts',
    line: "const most = stage === 'canary' ? 1 : Math.max(1, Math.floor(atOnce * total));",
    instead: 'const most = Math.max(2, Math.floor(atOnce * total));',
  },
  {
    name: 'failed rollout goes on',
    file: 'shared/core/rollout.ts',
    line: 'failed > failures * (upgraded + failed)',
    instead: 'failed > failures * (upgraded + failed) + total',
  },
  {
    name: 'gone node kept',
    file: 'shared/core/observe.ts',
    line: "if (isGone(ec2) || isForgotten) return { ...node, state: 'TERMINATED' };",
    instead: "if (isForgotten) return { ...node, state: 'TERMINATED' };",
  },
  {
    name: 'record saved though nothing changed',
    file: 'shared/save.ts',
    line: 'if (before !== undefined && isSameRecord(record, before.value)) return before;',
    instead: 'if (before !== undefined && record === before.value) return before;',
  },
  {
    name: 'order sent again after a lost race',
    file: 'shared/execute.ts',
    line: 'const left = batch.orders.filter(({ node, exporter }) => isUntouched(node, exporter, planned.value, current.value));',
    instead:
      'const left = batch.orders.filter(({ node, exporter }) => isUntouched(node, exporter, planned.value, planned.value));',
  },
];
