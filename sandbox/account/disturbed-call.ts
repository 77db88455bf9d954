import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import { WireFault } from './wire.ts';

/** Runs one API call with the fault that is armed for it; `broken` says that the answer does not get through whole. */
export async function disturbedCall<T>(
  operation: string,
  { clock, faults }: { readonly clock: Clock; readonly faults: Faults },
  run: () => T | Promise<T>,
): Promise<{ readonly answer: T; readonly broken: 'no' | 'half' | 'lost' }> {
  const fault = faults.take(operation, '');
  if (fault?.kind === 'error') throw new WireFault(fault.code, 'A fault armed in the simulated account.', fault.status);
  if (fault?.kind === 'slow') await new Promise<void>((resolve) => void clock.after(fault.ms, resolve));
  const answer = await run();
  return { answer, broken: fault?.kind === 'half' || fault?.kind === 'lost' ? fault.kind : 'no' };
}

/** Where the connection breaks in an answer of this body. */
export const cut = (broken: 'no' | 'half' | 'lost', body: string): { readonly cutAt?: number } =>
  broken === 'no' ? {} : { cutAt: broken === 'half' ? Math.floor(body.length / 2) : 0 };
