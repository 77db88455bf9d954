import { createHash } from 'node:crypto';

/** Contrast of 7:1 or more, in light and dark. Columns give way by breaking words: nothing is wider than a phone. */
export const STYLE = `
:root{color-scheme:light dark;--text:#1b1b1b;--faint:#4a4a4a;--line:#b5b5b5;--back:#fff;--head:#f0f0f0;--link:#003f9e}
@media(prefers-color-scheme:dark){:root{--text:#ededed;--faint:#c2c2c2;--line:#5c5c5c;--back:#141414;--head:#242424;--link:#a8c7ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:.75rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.15rem;margin:1.75rem 0 .25rem}
p,ul,dl{margin:.5rem 0}
ul{padding-left:1.25rem}
li{margin:.25rem 0}
a{color:var(--link)}
a,code,td,th,dd,li,h1,p{overflow-wrap:anywhere}
nav a,th a{display:inline-block;min-height:1.5rem}
nav a{margin-right:1rem}
small,caption,.faint{color:var(--faint);font-size:.875rem}
td small,th small{font-size:.9em}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.15rem 1rem}
dt{font-weight:600}
dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.25rem 0}
caption{text-align:left;padding:.25rem 0}
th,td{border:1px solid var(--line);padding:.3rem .45rem;text-align:left;vertical-align:top;font-weight:400}
thead th{background:var(--head);font-weight:600}
.count{text-align:right}
.state{border:2px solid var(--text);padding:.4rem .6rem;font-weight:600}
@media(max-width:40rem){body{padding:.5rem;font-size:.9375rem}table{font-size:.8125rem}th,td{padding:.25rem .3rem}tbody th{width:10.75rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.35rem}}
`;

const hash = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded and nothing runs; only this style counts, and the icon, which is empty. */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
