import { html, type Html, raw, textOf } from './html.ts';
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
          <style>
            ${raw(STYLE)}
          </style>
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

/** `more`: rows that are not shown. */
export function table(
  caption: Html | string,
  titles: readonly (readonly [string, 'count'?])[],
  rows: readonly Html[],
  more = 0,
): Html {
  const heads = titles.map(([title, kind]) => html`<th scope="col" ${kind && html` class="${kind}"`}>${title}</th>`);
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
    ${more > 0 ? html`<p>and ${more} more</p> ` : undefined}`;
}
