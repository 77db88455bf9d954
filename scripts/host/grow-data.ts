import { AppError, ConfigError } from '../../shared/core/errors.ts';
import { growVolume, type Volume } from '../aws/volumes.ts';
import type { Place } from '../place-options.ts';
import { type Say, step } from '../step.ts';
import { sizeOf } from './check-volume.ts';

interface Growth {
  readonly place: Place;
  readonly volume: Volume;
  readonly wantedGiB: number | undefined;
  readonly say: Say;
}

/**
 * Grows the data volume under the running host, whose timer grows the file system; answers its size. Not by the stack: there
 * it would be part of an update that replaces the machine, and that no roll-back could take back.
 */
export async function growData({ place, volume, wantedGiB, say }: Growth): Promise<number> {
  const size = sizeOf(volume);
  if (wantedGiB === undefined || wantedGiB <= size) return size;
  return await step('Volume', say, async () => {
    await growVolume(place, volume.id, wantedGiB).catch((cause: unknown) => {
      if (!(cause instanceof AppError)) throw cause;
      throw new ConfigError(
        `volumeGiB is ${wantedGiB}, but ${volume.id} stays at ${size} for now: ${cause.message}; nothing was changed. Leave it out until EBS takes it`,
        { cause },
      );
    });
    say(`  ${volume.id} grows from ${size} to ${wantedGiB} GiB, and its file system within five minutes of that`);
    return wantedGiB;
  });
}
