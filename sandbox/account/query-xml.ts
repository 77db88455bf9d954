const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

type Xml = string | number | boolean | Date | undefined | readonly Xml[] | { readonly [name: string]: Xml };

/** A Query protocol's XML: EC2's lists are sets of `<item>`, others' of `<member>`, SNS's map of `<entry>`; what is undefined is left out. */
export function xml(value: Xml, item: 'item' | 'member' | 'entry' = 'item'): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return escape(String(value));
  if (isList(value)) return value.map((inner) => `<${item}>${xml(inner, item)}</${item}>`).join('');
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => `<${name}>${xml(inner, item)}</${name}>`)
    .join('');
}

const isList = (value: object): value is readonly Xml[] => Array.isArray(value);

export type { Xml };
