const HTML = Symbol('HTML');

/** What is HTML already: only this module makes it. */
export interface Html {
  readonly [HTML]: string;
}

type Part = Html | string | number | undefined | readonly Part[];

/** A template whose every value is escaped; undefined is nothing. Its own indentation is left out. */
export const html = (template: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  [HTML]: String.raw({ raw: textsOf(template) }, ...parts.map(escape)),
});

/** Rows are made of the same template, hundreds of times. */
const texts = new WeakMap<TemplateStringsArray, readonly string[]>();

function textsOf(template: TemplateStringsArray): readonly string[] {
  const known = texts.get(template);
  if (known !== undefined) return known;
  const dense = template.raw.map((text) => text.replaceAll(/\s*\n\s*/g, '\n'));
  texts.set(template, dense);
  return dense;
}

/** Not escaped, to the letter: its hash stands in the page's policy. */
export const styleElement = (css: string): Html => ({ [HTML]: `<style>${css}</style>` });

export const textOf = ({ [HTML]: text }: Html): string => text;

function escape(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return visible(part).replaceAll(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
  return HTML in part ? part[HTML] : part.map(escape).join('');
}

/**
 * Control characters, line separators, half pairs, and what is not seen or turns the direction of what follows
 * (Unicode's category Cf); but not the joiners, which scripts and emoji are made of.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\u200C\u200D]]/gv;

/** More marks on one letter than any script has: they would be drawn over the rows above and below. */
const STACKED = /(?<=\p{Mn}{4})\p{Mn}/gu;

/** A name must not look like another one, nor like words of ours: `[U+202E]`. */
export const visible = (text: string): string => text.replaceAll(STACKED, codeOf).replaceAll(UNSEEN, codeOf);

const codeOf = (mark: string): string =>
  `[U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** At most so many characters, as they are seen. */
export function shortened(text: string, most: number): string {
  // A character is at most two units, and one that is not seen becomes more.
  const seen = Array.from(visible(text.slice(0, 2 * most + 2)));
  return seen.length <= most ? seen.join('') : `${seen.slice(0, most - 1).join('')}…`;
}
