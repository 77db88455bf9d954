/** Control characters, and those that turn the direction of what follows: a terminal obeys them. Line feeds stay. */
const OBEYED = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/gu;

/**
 * What nodes, queues and AWS say, for a terminal: a node that somebody else owns could write to the clipboard, or hide
 * lines, of whoever looks.
 */
export const printable = (text: string): string => text.replaceAll(OBEYED, '?');

/** In one line: a reason must not look like a line of ours. */
export const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

/** JSON that a terminal may show: what is escaped is still the same value. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(OBEYED, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
