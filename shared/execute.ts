import { claim, noteRefused, noteSent } from './core/commit.ts';
import { ConflictError } from './core/errors.ts';
import type { Action } from './core/plan.ts';
import type { ClusterRecord } from './core/record.ts';
import { CLAIM_EXPIRES } from './core/retry.ts';
import { save } from './save.ts';
import type { App, Stored } from './ports.ts';

const MAX_NODES_PER_COMMAND = 50; // SSM SendCommand, InstanceIds: at most 50 items

type OrderAction = Extract<Action, { kind: 'order' }>;

/** Claims, sends and notes the orders, one batch of at most 50 nodes of one exporter at a time. */
export async function execute(
  orders: readonly OrderAction[],
  stored: Stored<ClusterRecord>,
  app: App,
): Promise<Stored<ClusterRecord>> {
  let current = stored;
  for (const batch of batches(orders)) current = await order(batch, current, app);
  return current;
}

async function order(batch: Batch, stored: Stored<ClusterRecord>, app: App): Promise<Stored<ClusterRecord>> {
  const id = app.newOrderId();
  const claimedAt = app.now();
  const fresh = batch.orders.map((action) => ({ ...action, work: { ...action.work, at: claimedAt.toISOString() } }));
  const claimed = await save(claim(stored.value, fresh, id), stored, app);
  const urls = await app.artifacts.urls(batch.exporter);
  const document = app.documents[batch.exporter]?.[batch.action];
  const settings = app.settings.exporters.find(({ name }) => name === batch.exporter);
  if (urls === undefined || document === undefined || settings === undefined) return claimed;
  if (app.now().getTime() - claimedAt.getTime() >= CLAIM_EXPIRES) return claimed;
  const values = Object.entries({ ...settings.parameters, ...urls });
  const { commandId, refused } = await app.commands.send({
    id,
    clusterId: claimed.value.clusterId,
    exporter: batch.exporter,
    action: batch.action,
    document,
    parameters: Object.fromEntries(values.map(([name, value]) => [name, [value]])),
    nodes: batch.orders.map(({ node }) => node),
  });
  const note = (record: ClusterRecord): ClusterRecord => {
    const told = noteRefused(record, id, refused);
    return commandId === undefined ? told : noteSent(told, id, commandId);
  };
  app.log.info('order sent', { orderId: id, commandId, exporter: batch.exporter, nodes: batch.orders.length, refused });
  app.meter.count('OrdersSent', 1);
  return await merge(note, claimed, app);
}

/** What was sent is true whoever saved meanwhile: it is merged into the record as it stands then. */
async function merge(
  note: (record: ClusterRecord) => ClusterRecord,
  stored: Stored<ClusterRecord>,
  app: App,
): Promise<Stored<ClusterRecord>> {
  try {
    return await save(note(stored.value), stored, app);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const current = await app.records.read(stored.value.clusterId);
    if (current === undefined) throw error;
    return await merge(note, current, app);
  }
}

interface Batch {
  readonly exporter: string;
  readonly action: OrderAction['work']['action'];
  readonly orders: readonly OrderAction[];
}

function batches(orders: readonly OrderAction[]): readonly Batch[] {
  const groups = Map.groupBy(orders, ({ exporter, work }) => `${work.action} ${exporter}`);
  return [...groups.values()].flatMap((group) => {
    const count = Math.ceil(group.length / MAX_NODES_PER_COMMAND);
    return Array.from({ length: count }, (_, index) => {
      const part = group.slice(index * MAX_NODES_PER_COMMAND, (index + 1) * MAX_NODES_PER_COMMAND);
      const [{ exporter, work }] = part as [OrderAction];
      return { exporter, action: work.action, orders: part };
    });
  });
}
