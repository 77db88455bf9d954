/** For what hangs. */
const DEADLINE_MS = 180_000;

/** Of a program that answers `/-/ready`; `log` is named where it does not. */
export async function untilReady(name: string, url: string, log: string): Promise<void> {
  const isReady = () =>
    fetch(`${url}/-/ready`)
      .then(({ ok }) => ok)
      .catch(() => false);
  for (const deadline = Date.now() + DEADLINE_MS; !(await isReady());) {
    if (Date.now() > deadline) throw new Error(`${name} is not ready after ${DEADLINE_MS / 1000} s: see ${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
