import { createHash } from 'node:crypto';
import type { ChangeSet, Source, Stack } from './cloudformation-model.ts';
import { changesOf, isEmpty, planOf } from './deploy-plan.ts';
import type { RunnerOf, Services } from './deploy-kind.ts';
import type { Ground } from './deploy-make.ts';
import { begin, carryOut, removeAll } from './deploy-update.ts';
import type { Place } from './template-names.ts';
import { WireFault } from './wire.ts';

/** Where functions run, and what queues' URLs begin with. */
export interface Site {
  readonly endpoint: string;
  readonly runner: RunnerOf;
}

/** Stacks of one account and region: docs.aws.amazon.com/AWSCloudFormation/latest/APIReference */
export interface CloudFormation {
  /** Where stacks that come over the wire run. Without it they are refused. */
  runAt(site: Site): void;
  /** The next creation or change of this logical id fails, in whichever stack. */
  failNext(logicalId: string, reason: string): void;
  /** How long every change of a stack takes; 0 unless said. */
  takeMs(ms: number): void;
  all(): readonly Stack[];
  /** By name, or by id; a deleted one by id only. */
  find(nameOrId: string): Stack | undefined;
  /** At once: creates or updates, and throws why it failed. */
  apply(name: string, source: Source, site: Site): Stack;
  create(name: string, source: Source, onFailure: 'ROLLBACK' | 'DELETE'): Stack;
  update(name: string, source: Source): Stack;
  remove(name: string): void;
  createChangeSet(
    name: string,
    request: Omit<ChangeSet, 'id' | 'createdAt' | 'changes'>,
  ): { stack: Stack; set: ChangeSet };
  executeChangeSet(stack: Stack, set: ChangeSet): void;
}

export const invalid = (message: string): WireFault => new WireFault('ValidationError', message);

const UPDATABLE = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);

export function createCloudFormation(account: Services): CloudFormation {
  /** Deleted ones too. */
  const stacks: Stack[] = [];
  const claims = new Map<string, string>();
  const failures = new Map<string, string>();
  let pace = 0;
  let site: Site | undefined;
  let events = 0;

  const find = (wanted: string): Stack | undefined =>
    stacks.find(({ id, name, status }) => id === wanted || (name === wanted && status !== 'DELETE_COMPLETE'));

  function add(name: string, status: string): Stack {
    const id = arn('stack', name, `${name}#${stacks.length}`);
    const rest = { resources: new Map(), events: [], changeSets: new Map(), outputs: [], source: undefined };
    const stack: Stack = { id, name, createdAt: account.clock.now(), status, ...rest };
    stacks.push(stack);
    return stack;
  }
  const arn = (kind: string, name: string, seed: string): string =>
    `arn:aws:cloudformation:${account.region}:${account.accountId}:${kind}/${name}/${uuidOf(seed)}`;

  function groundOf(stack: Stack, at: Site | undefined = site): Ground {
    if (at === undefined) throw new Error('nothing can be deployed over the wire before account.stacks.runAt()');
    const { region, accountId } = account;
    const place: Place = { stack: stack.name, stackId: stack.id, accountId, region, endpoint: at.endpoint };
    return {
      account,
      place,
      claims,
      runner: at.runner,
      failure(logicalId) {
        const reason = failures.get(logicalId);
        failures.delete(logicalId);
        return reason;
      },
      say({ events: list }, { logicalId, type, physicalId }, status, reason) {
        const id = uuidOf(`event ${(events += 1)}`);
        list.push({ id, logicalId, type, physicalId, status, reason, at: account.clock.now() });
      },
    };
  }

  /** Answers what is left to do; the plan is made before anything is. */
  function started(stack: Stack, source: Source, verb: 'CREATE' | 'UPDATE', ground: Ground): () => void {
    const plan = planOf(stack, source, ground.place);
    const former = stack.source;
    begin(stack, verb, ground);
    stack.source = source;
    return () => {
      if (!carryOut(stack, plan, verb, ground)) stack.source = former ?? source;
    };
  }

  function checkUpdatable(stack: Stack): void {
    if (!UPDATABLE.has(stack.status)) {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    }
  }
  const refuseEmpty = (stack: Stack, source: Source, ground: Ground): void => {
    if (isEmpty(stack, planOf(stack, source, ground.place))) throw invalid('No updates are to be performed.');
  };
  const existing = (name: string): Stack => {
    const stack = find(name);
    if (stack === undefined) throw invalid(`Stack [${name}] does not exist`);
    return stack;
  };
  const later = (task: () => void): void => void account.clock.after(pace, task);

  function create(name: string, source: Source, onFailure: 'ROLLBACK' | 'DELETE'): Stack {
    if (find(name) !== undefined) throw new WireFault('AlreadyExistsException', `Stack [${name}] already exists`);
    const stack = add(name, 'CREATE_IN_PROGRESS');
    const finish = orForget(stack, () => started(stack, source, 'CREATE', groundOf(stack)));
    later(() => {
      finish();
      if (stack.status === 'ROLLBACK_COMPLETE' && onFailure === 'DELETE') removeAll(stack, groundOf(stack));
    });
    return stack;
  }
  /** A stack that is refused was never there. */
  function orForget<T>(stack: Stack, run: () => T): T {
    try {
      return run();
    } catch (error) {
      stacks.splice(stacks.indexOf(stack), 1);
      throw error;
    }
  }

  return {
    runAt: (given) => void (site = given),
    failNext: (logicalId, reason) => void failures.set(logicalId, reason),
    takeMs: (ms) => void (pace = ms),
    all: () => stacks.filter(({ status }) => status !== 'DELETE_COMPLETE'),
    find,
    create,
    apply(name, source, at) {
      const found = find(name);
      if (found !== undefined) checkUpdatable(found);
      const stack = found ?? add(name, 'CREATE_IN_PROGRESS');
      const told = stack.events.length;
      const verb = found === undefined ? 'CREATE' : 'UPDATE';
      const run = () => started(stack, source, verb, groundOf(stack, at));
      const finish = found === undefined ? orForget(stack, run) : run();
      finish();
      const failed = stack.events.slice(told).find(({ status }) => status.endsWith('_FAILED'));
      if (!stack.status.endsWith(`${verb}_COMPLETE`)) throw new Error(`${failed?.logicalId}: ${failed?.reason}`);
      return stack;
    },
    update(name, source) {
      const stack = existing(name);
      checkUpdatable(stack);
      const ground = groundOf(stack);
      refuseEmpty(stack, source, ground);
      later(started(stack, source, 'UPDATE', ground));
      return stack;
    },
    remove(name) {
      const stack = find(name);
      if (stack === undefined) return;
      const ground = groundOf(stack);
      begin(stack, 'DELETE', ground);
      later(() => removeAll(stack, ground));
    },
    createChangeSet(name, request) {
      const stack = find(name) ?? (request.type === 'CREATE' ? add(name, 'REVIEW_IN_PROGRESS') : existing(name));
      const isNew = stack.status === 'REVIEW_IN_PROGRESS';
      if (request.type === 'CREATE' && !isNew) {
        throw invalid(
          `Stack [${name}] already exists and cannot be created again with the changeSet [${request.name}].`,
        );
      }
      if (request.type === 'UPDATE') checkUpdatable(stack);
      if (stack.changeSets.has(request.name)) {
        throw new WireFault('AlreadyExistsException', `ChangeSet ${request.name} already exists`);
      }
      const run = () => planOf(stack, request.source, groundOf(stack).place);
      const plan = isNew && stack.changeSets.size === 0 ? orForget(stack, run) : run();
      const changes = isEmpty(stack, plan) ? [] : changesOf(plan);
      const id = arn('changeSet', request.name, `change set ${(events += 1)}`);
      const set = { ...request, id, createdAt: account.clock.now(), changes };
      stack.changeSets.set(set.name, set);
      return { stack, set };
    },
    executeChangeSet(stack, set) {
      stack.changeSets.clear();
      later(started(stack, set.source, set.type, groundOf(stack)));
    },
  };
}

function uuidOf(seed: string): string {
  const digits = createHash('sha256').update(seed).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
