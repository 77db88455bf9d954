import { html, type Html, styleElement, textOf } from './html.ts';
import { STYLE } from './style.ts';

/** A whole page. No script, nothing loaded, nothing by itself: who wants newer figures loads it again. */
export function document(title: string, body: Html): string {
  return textOf(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          <link rel="icon" href="data:," />
          ${styleElement(STYLE)}
        </head>
        <body>
          ${body}
        </body>
      </html> `,
  );
}

/** A list of names and what they have. */
export const facts = (all: readonly (readonly [string, Html | string | number])[]): Html =>
  html`<dl>
    ${all.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd> `,
    )}
  </dl>`;

interface Rest {
  /** In place of a table without rows. */
  readonly none?: Html;
  /** Rows that are not shown. */
  readonly more?: number;
}

export function table(
  caption: string,
  titles: readonly (readonly [title: string, kind?: 'count'])[],
  rows: readonly Html[],
  { none, more = 0 }: Rest,
): Html {
  if (rows.length === 0 && none !== undefined) return none;
  const heads = titles.map(([title, kind = 'text']) => html`<th scope="col" class="${kind}">${title}</th>`);
  return html`<table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row}
            </tr> `,
        )}
      </tbody>
    </table>
    ${more > 0 ? html`<p>and ${more} more</p>` : undefined}`;
}
