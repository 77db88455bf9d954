import type { CommandId, ExporterName, InstanceId, OrderId, WorkAction } from './model.ts';
import type { Work } from './record.ts';

/** A decision about an exporter on a node. */
interface OnNode {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
  readonly reason: string;
}

/** What to do next. `ask`, `look` and `check` are questions: answered, the record is planned again. */
export type Action =
  /** The cluster has ended: record to ended/, target file and record away. */
  | { readonly kind: 'end'; readonly reason: string }
  /** The node is gone: drop it and its endpoints. */
  | { readonly kind: 'forget'; readonly node: InstanceId; readonly reason: string }
  /** Nothing is left to do: the record loses the work, but for what must not be forgotten of it, or the exporter whole. */
  | ({ readonly kind: 'drop'; readonly of: 'work' | 'exporter'; readonly left?: Work } & OnNode)
  /** Are there results of this command? */
  | ({ readonly kind: 'ask'; readonly commandId: CommandId } & OnNode)
  /** Was this order sent, although nobody saved its command id? */
  | ({ readonly kind: 'look'; readonly orderId: OrderId; readonly orderedAt: string } & OnNode)
  /** Could an order run there now: is the agent online, are the artifacts in the bucket? */
  | ({ readonly kind: 'check'; readonly action: WorkAction } & OnNode)
  | ({ readonly kind: 'order'; readonly work: Work } & OnNode)
  /** Nothing can be done yet; `left` takes the place of an order that came to nothing. */
  | ({ readonly kind: 'wait'; readonly action: WorkAction; readonly left?: Work } & OnNode);

/** What is known beside the record. */
export interface Knowledge {
  readonly now: Date;
  /** Commands that an event named and that nobody asked about yet. */
  readonly rung: ReadonlySet<CommandId>;
  /** Commands that were asked about since the record was read. */
  readonly asked: ReadonlySet<CommandId>;
  /** Orders that were looked for, and the nodes that no command of theirs names. */
  readonly absent: ReadonlyMap<OrderId, ReadonlySet<InstanceId>>;
  /** Nodes whose agent was checked: is it online? */
  readonly online: ReadonlyMap<InstanceId, boolean>;
  /** Exporters whose artifacts are not in the bucket. */
  readonly missing: ReadonlySet<ExporterName>;
  /** Exporters whose rollout has stopped: nobody gets their version now. */
  readonly stopped: ReadonlySet<ExporterName>;
  /** Nodes whose turn in a rollout it is (rollout.ts): only they change to another revision. */
  readonly upgrades: ReadonlyMap<ExporterName, ReadonlySet<InstanceId>>;
}
