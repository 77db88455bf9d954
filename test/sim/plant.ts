import { registerHooks } from 'node:module';
import { mutations } from './mutations.ts';

/** Puts a deliberate bug into a source file as it is loaded; whatever imports the file must be imported after this. */
export function plant(name: string): void {
  const mutation = mutations.find((one) => one.name === name);
  if (mutation === undefined) throw new Error(`no bug is called ${name}`);
  const { file, line, instead } = mutation;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      return url.endsWith(`/${file}`)
        ? { ...loaded, source: mutate(new TextDecoder().decode(loaded.source as Uint8Array), { file, line, instead }) }
        : loaded;
    },
  });
}

interface Change {
  readonly file: string;
  readonly line: string;
  readonly instead: string;
}

/** Throws when the line is not there any more: the bug needs another place then. */
export function mutate(source: string, { file, line, instead }: Change): string {
  const parts = source.split(line);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${line}`);
  return parts.join(instead);
}
