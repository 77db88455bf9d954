/** 1,000 nodes join a running cluster at once: how soon they all have their orders, and in how many calls. */
import { QUOTAS } from '../sandbox/account/emr-quota.ts';
import { MINUTE } from '../test/sim/time.ts';
import { createDay } from './day.ts';
import { type Figure, report, seconds } from './figure.ts';
import { uses } from './quota-use.ts';

const JOINING = 1000;
const MAX_SWEEPS = 2;
const MAX_USE = 0.5;
/** SendCommand takes 50 ids. */
const MAX_CALLS = JOINING / 50;

/** Of one exporter: test/core/sample-record.ts has no other. */
async function join(isDelivered: boolean) {
  const targets = { listed: 0 };
  const day = createDay('join', {
    isDelivered,
    isThrottled: false,
    onTargets: (_id, body = '') => {
      targets.listed = body.split('"targets"').length - 1;
    },
  });
  const { clock, account, elapsed, calls, sweeps } = day;
  const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
  const groups = [
    { role: 'MASTER', ...type, count: 1 },
    { role: 'CORE', ...type, count: 1 },
  ] as const;
  const id = account.emr.launch({ name: 'etl', tags: { Project: 'Etl' }, groups });
  await clock.advance(10 * MINUTE);
  if (targets.listed !== 2) throw new Error(`${targets.listed} targets before anybody joined`);
  const core = account.emr.groups(id).find(({ role }) => role === 'CORE');
  if (core === undefined) throw new Error('no core group');
  account.emr.resize(core.id, 1 + JOINING);
  const running = () => account.emr.active(id).filter(({ state }) => state === 'RUNNING').length;
  while (running() < 2 + JOINING) await clock.advance(1000);
  const joined = elapsed();
  const isRight = () => targets.listed === 2 + JOINING;
  while (!isRight() && elapsed() < joined + 30 * MINUTE) await clock.advance(1000);
  const orders = calls.filter(({ operation, at }) => operation === 'SendCommand' && at > joined);
  const last = Math.max(...orders.map(({ at }) => at));
  return {
    orders: orders.length,
    took: last - joined,
    sweeps: sweeps.filter((at) => at > joined && at <= last).length,
    right: isRight() ? elapsed() - joined : Infinity,
    quota: Math.max(...uses(calls, QUOTAS).map(({ share }) => share)),
  };
}

type Joined = Awaited<ReturnType<typeof join>>;

function figuresOf({ orders, took, sweeps, right, quota }: Joined, when: string): readonly Figure[] {
  return [
    {
      figure: `${JOINING} nodes join a cluster at once, ${when}: all ordered within`,
      bar: `≤ ${MAX_SWEEPS} sweeps`,
      measured: `${sweeps} sweeps begun, ${seconds(took)} (all listed after ${seconds(right)})`,
      met: sweeps <= MAX_SWEEPS && right < Infinity,
    },
    {
      figure: '… SendCommand calls of the exporter',
      bar: `≤ ${MAX_CALLS}`,
      measured: String(orders),
      met: orders <= MAX_CALLS,
    },
    {
      figure: '… the most of an EMR quota in any minute',
      bar: `≤ ${MAX_USE * 100} %`,
      measured: `${(quota * 100).toFixed(0)} %`,
      met: quota <= MAX_USE,
    },
  ];
}

report([...figuresOf(await join(true), 'events delivered'), ...figuresOf(await join(false), 'all events lost')]);
