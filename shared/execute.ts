import { claim, isUntouched, noteRefused, noteSent } from './core/commit.ts';
import { ConfigError, ConflictError } from './core/errors.ts';
import { type ClusterId, type CommandId, type ExporterName, MAX_NODES_PER_ORDER, type OrderId } from './core/model.ts';
import type { Action } from './core/action.ts';
import type { ClusterRecord } from './core/record.ts';
import { CLAIM_EXPIRES } from './core/retry.ts';
import { publish } from './publish.ts';
import { afterRace, save } from './save.ts';
import type { App, Stored } from './ports.ts';

type OrderAction = Extract<Action, { kind: 'order' }>;

/** Claims, sends and notes the orders, one batch of at most 50 nodes of one exporter at a time. */
export async function execute(orders: readonly OrderAction[], planned: Stored<ClusterRecord>, app: App): Promise<void> {
  let current = planned;
  for (const batch of batches(orders)) {
    // Somebody else may have saved while the last batch was sent, and have ordered for some of these nodes.
    const left = batch.orders.filter(({ node, exporter }) => isUntouched(node, exporter, planned.value, current.value));
    if (left.length > 0) current = await order({ ...batch, orders: left }, current, app);
  }
}

async function order(batch: Batch, stored: Stored<ClusterRecord>, app: App): Promise<Stored<ClusterRecord>> {
  const { exporter, action, orders } = batch;
  const document = app.documents[exporter]?.[action];
  const settings = app.settings.exporters.find(({ name }) => name === exporter);
  if (document === undefined || settings === undefined) throw new ConfigError(`no document to ${action} ${exporter}`);
  const urls = action === 'install' ? await app.artifacts.urls(exporter) : {};
  if (urls === undefined) return stored;
  const id = app.newOrderId();
  const claimedAt = app.now();
  const fresh = orders.map((one) => ({ ...one, work: { ...one.work, at: claimedAt.toISOString() } }));
  const saved = await save(claim(stored.value, fresh, id), stored, app);
  // What is about to be taken away is scraped no more.
  const claimed = action === 'remove' ? await publish(saved, app) : saved;
  logOrders(fresh, claimed.value, id, app);
  if (app.now().getTime() - claimedAt.getTime() >= CLAIM_EXPIRES) return claimed;
  // A document that removes takes no parameters.
  const values = action === 'install' ? Object.entries({ ...settings.parameters, ...urls }) : [];
  const nodes = orders.map(({ node }) => node);
  const parameters = Object.fromEntries(values.map(([name, value]) => [name, [value]]));
  const request = { id, clusterId: claimed.value.clusterId, exporter, action, document, parameters, nodes };
  const { sent, refused } = await app.commands.send(request).catch(async (error: unknown) => {
    // Denied, or no such document: only a person can mend it. Until then it is asked for ever more seldom.
    if (error instanceof ConfigError) {
      await merge((record) => noteRefused(record, id, nodes, error.message), claimed, app);
    }
    throw error;
  });
  const commands = sent.map(({ commandId }) => commandId);
  logSent({ clusterId: claimed.value.clusterId, orderId: id, commands, exporter, nodes: orders.length, refused }, app);
  const note = (record: ClusterRecord): ClusterRecord =>
    sent.reduce((told, command) => noteSent(told, id, command), noteRefused(record, id, refused));
  return await merge(note, claimed, app);
}

/** One line per node, once the claim is saved. */
function logOrders(orders: readonly OrderAction[], { clusterId }: ClusterRecord, orderId: OrderId, { log }: App): void {
  for (const { node, exporter, reason } of orders) {
    log.info('decided', { clusterId, action: 'order', node, exporter, reason, orderId });
  }
}

interface SentOrder extends Readonly<Record<string, unknown>> {
  readonly clusterId: ClusterId;
  readonly exporter: ExporterName;
  readonly commands: readonly CommandId[];
}

function logSent(fields: SentOrder, app: App): void {
  if (fields.commands.length === 0) return app.log.warn('order refused', fields);
  app.log.info('order sent', fields);
  app.meter.count('OrdersSent', 1, { exporter: fields.exporter }, { clusterId: fields.clusterId });
}

/** What was sent is true whoever saved meanwhile: it is merged into the record as it stands then. */
async function merge(
  note: (record: ClusterRecord) => ClusterRecord,
  stored: Stored<ClusterRecord>,
  app: App,
): Promise<Stored<ClusterRecord>> {
  let current: Stored<ClusterRecord> | undefined = stored;
  for (let race = 1; current !== undefined; race += 1) {
    try {
      return await save(note(current.value), current, app);
    } catch (error) {
      await afterRace(error, race, app);
      current = await app.records.read(stored.value.clusterId);
    }
  }
  throw new ConflictError(`${stored.value.clusterId} ended while its order was sent`);
}

interface Batch {
  readonly exporter: string;
  readonly action: OrderAction['work']['action'];
  readonly orders: readonly OrderAction[];
}

function batches(orders: readonly OrderAction[]): readonly Batch[] {
  const groups = Map.groupBy(orders, ({ exporter, work }) => `${work.action} ${exporter}`);
  return [...groups.values()].flatMap((group) => {
    const count = Math.ceil(group.length / MAX_NODES_PER_ORDER);
    return Array.from({ length: count }, (_, index) => {
      const part = group.slice(index * MAX_NODES_PER_ORDER, (index + 1) * MAX_NODES_PER_ORDER);
      const [{ exporter, work }] = part as [OrderAction];
      return { exporter, action: work.action, orders: part };
    });
  });
}
