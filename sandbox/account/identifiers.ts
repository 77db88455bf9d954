import { hash } from 'node:crypto';
import type { ClusterId, CommandId, InstanceId } from '../../shared/core/model.ts';

/** Ids in AWS's shapes. The same seed gives the same ids in the same order, so a test's run can be repeated. */
export interface Identifiers {
  cluster(): ClusterId;
  group(): `ig-${string}`;
  fleet(): `if-${string}`;
  /** EMR's own id of an instance, beside EC2's. */
  emrInstance(): `ci-${string}`;
  instance(): InstanceId;
  uuid(): CommandId;
  /** `prefix` and 17 hexadecimal digits: vol-, eni-, r-. */
  resource(prefix: string): string;
}

export function identifiers(seed: string): Identifiers {
  let drawn = 0;
  const draw = (): string => hash('sha256', `${seed}/${drawn++}`);
  const hex = (length: number): string => draw().slice(0, length);
  /** EMR's ids: upper-case letters and digits. */
  const upper = (length: number): string =>
    Array.from(
      Buffer.from(draw(), 'hex').subarray(0, length),
      (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[byte % 36],
    ).join('');
  return {
    cluster: () => `j-${upper(13)}`,
    group: () => `ig-${upper(12)}`,
    fleet: () => `if-${upper(12)}`,
    emrInstance: () => `ci-${upper(12)}`,
    instance: () => `i-${hex(17)}`,
    uuid() {
      const digits = hex(32);
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
    resource: (prefix) => `${prefix}-${hex(17)}`,
  };
}
