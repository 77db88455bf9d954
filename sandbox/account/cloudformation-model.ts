import type { Template, TemplateResource } from './template.ts';

export type Values = Readonly<Record<string, string>>;

/** Takes a resource away, as its deletion does; throws when the service refuses. */
export type Undo = () => void;

/** A resource as it stands. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** The template's own, or a generated one. */
  readonly name: string;
  /** What `Ref` answers. */
  readonly physicalId: string;
  /** Every function in them resolved. */
  readonly properties: unknown;
  readonly template: TemplateResource;
  /** How often it has been replaced. */
  readonly replaced: number;
  readonly undo: Undo;
  readonly status: string;
  readonly reason?: string;
  readonly at: Date;
}

/** docs: AWSCloudFormation/latest/APIReference/API_StackEvent */
export interface StackEvent {
  readonly id: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly at: Date;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string | undefined;
}

/** What a stack is, or shall be, made from. */
export interface Source {
  readonly body: string;
  readonly template: Template;
  readonly parameters: Values;
  readonly tags: Values;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  updatedAt?: Date;
  status: string;
  reason?: string | undefined;
  /** Undefined while a change set is all there is. */
  source: Source | undefined;
  outputs: readonly StackOutput[];
  readonly resources: Map<string, StackResource>;
  /** Oldest first. */
  readonly events: StackEvent[];
  readonly changeSets: Map<string, ChangeSet>;
}

export interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly isReplacement: boolean;
}

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly source: Source;
  readonly createdAt: Date;
  readonly changes: readonly Change[];
}
