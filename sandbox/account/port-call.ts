import { ConfigError, UnavailableError } from '../../shared/core/errors.ts';
import type { EmrOperation } from '../../shared/ports.ts';
import type { Admit } from './admit.ts';
import type { Compute } from './compute.ts';
import { disturbedCall } from './disturbed-call.ts';
import type { Input } from './iam-asked.ts';
import { WireFault } from './wire.ts';

/** One API call, with what IAM reads of its parameters; what fails is an AppError. */
export type Call = <T>(operation: string, input: Input, run: () => T) => Promise<T>;

const EMR: Readonly<Record<EmrOperation, true>> = {
  ListClusters: true,
  DescribeCluster: true,
  ListInstances: true,
  ListInstanceGroups: true,
  ListInstanceFleets: true,
};
const isEmr = (operation: string): operation is EmrOperation => operation in EMR;

const EC2: ReadonlySet<string> = new Set(['DescribeInstances', 'DescribeTags']);
const serviceOf = (operation: string): string => {
  if (isEmr(operation)) return 'ElasticMapReduce';
  return EC2.has(operation) ? 'EC2' : 'AmazonSSM';
};

/** `spend` is told of every call that EMR counts, one that it refuses too. */
export const caller =
  ({ world, emr }: Compute, spend: (operation: EmrOperation) => void, admit: Admit): Call =>
  async (operation, input, run) => {
    try {
      admit.call(serviceOf(operation), operation, input);
      if (isEmr(operation)) {
        spend(operation);
        emr.admit(operation);
      }
      const { answer, broken } = await disturbedCall(operation, world, run);
      if (broken === 'no') return answer;
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause;
      const isForNow = cause.status >= 500 || /Throttl|RequestLimitExceeded|SlowDown/.test(cause.code);
      throw new (isForNow ? UnavailableError : ConfigError)(`${operation}: ${cause.code}: ${cause.message}`, { cause });
    }
    throw new UnavailableError(`${operation}: the connection broke before the answer was whole`);
  };

/** As many calls as the list has pages. */
export async function everyPage<T>(
  call: Call,
  [operation, input]: readonly [operation: string, input: Input],
  size: number,
  list: () => readonly T[],
): Promise<readonly T[]> {
  const items = await call(operation, input, list);
  for (let read = size; read < items.length; read += size) await call(operation, input, () => undefined);
  return items;
}
