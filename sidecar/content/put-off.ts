/** Ten minutes of looks. A host without any set fetches at most 32 MiB of them, and promtool has half a minute at most. */
const MAX_LOOKS = 20;

/**
 * What failed is tried at the next look, then two looks later, four, eight, sixteen, and each 20th in the end; another set
 * at once. In between it fails as it did.
 */
export function createPutOff(onPutOff: () => void) {
  let failed:
    | { readonly etag: string; readonly error: unknown; readonly wait: number; readonly left: number }
    | undefined;
  return async (etag: string, work: () => Promise<void>): Promise<void> => {
    const last = failed?.etag === etag ? failed : undefined;
    if (last !== undefined && last.left > 1) {
      failed = { ...last, left: last.left - 1 };
      onPutOff();
      throw last.error;
    }
    try {
      await work();
      failed = undefined;
    } catch (error) {
      const wait = last === undefined ? 1 : Math.min(last.wait * 2, MAX_LOOKS);
      failed = { etag, error, wait, left: wait };
      throw error;
    }
  };
}
