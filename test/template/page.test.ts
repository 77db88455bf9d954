import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../../scripts/prepare/find-chromium.ts';
import { HOSTILE, hostileFleet, sampleFleet } from '../sidecar/page/sample-fleet.ts';
import { pageSidecar } from '../sidecar/page/page-sidecar.ts';

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let sidecar: Awaited<ReturnType<typeof pageSidecar>>;
beforeAll(async () => {
  [browser, sidecar] = await Promise.all([
    // As root, and in containers, Chromium has no sandbox of its own.
    chromium.launch({ executablePath: findChromium(process.env), args: ['--no-sandbox'] }),
    pageSidecar(hostileFleet(new Date())),
  ]);
  await sidecar.shows('finance-daily');
  await sidecar.shows('9, with 181 targets');
  sidecar.account.remove('targets/j-4ETLNIGHTLY.json');
  await sidecar.shows('vanished without ended/');
});
afterAll(async () => {
  await browser.close();
  await sidecar.close();
});

/** A page in the browser, and everything that it should not do: dialogs, errors on its console, requests elsewhere. */
async function open(path: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light', from = sidecar) {
  const context = await browser.newContext({ viewport, colorScheme });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const misdeeds: string[] = [];
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => void misdeeds.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => void misdeeds.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(from.url)) misdeeds.push(`request: ${request.url()}`);
  });
  await page.goto(from.url + path);
  return { page, misdeeds };
}

/** Of all of axe's rules, or these. */
async function violations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations: found } = (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(rules)} })`)) as AxeResults;
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** What reaches beyond the window, or beyond the element that it is in. */
const TOO_WIDE = `[document.scrollingElement, ...document.body.querySelectorAll('*')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth
    || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline'))
  .map((one) => one.outerHTML.slice(0, 120))`;

describe.each(['/', '/clusters/j-6SCRIPT', '/nothing'])('%s', (path) => {
  test('breaks no rule of accessibility', async () => {
    const { page } = await open(path);
    expect(await violations(page)).toEqual([]);
  });

  test('fits on a phone, and is read in the dark', async () => {
    const { page } = await open(path, PHONE, 'dark');
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    expect(await violations(page, ['color-contrast', 'target-size'])).toEqual([]);
  });
});

/** Ids that are broken into two lines or more. */
const BROKEN_IDS = `(() => {
  const walker = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
  const broken = [];
  let seen = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    for (const { 0: id, index } of node.data.matchAll(/\\b(?:j-[0-9A-Z]{10,}|i-[0-9a-f]{17})\\b/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + id.length);
      seen += 1;
      if (range.getClientRects().length > 1) broken.push(id);
    }
  return { seen, broken };
})()`;

test.each(['/', '/clusters/j-1FINANCEDAILY'])('no id of EMR or EC2 is broken in two on a phone at %s', async (path) => {
  const { page } = await open(path, PHONE);
  const { seen, broken } = (await page.evaluate(BROKEN_IDS)) as { readonly seen: number; readonly broken: string[] };
  expect({ isSeen: seen > 2, broken }).toEqual({ isSeen: true, broken: [] });
});

test('what nobody tries any more is called the same everywhere', async () => {
  const { page } = await open('/');
  const text = await page.locator('body').innerText();
  expect(text).toContain('given up');
  expect(text).not.toMatch(/gave up/i);
});

test.each(['/', '/clusters/j-6SCRIPT', '/clusters/j-7QUOTES'])(
  '%s runs nothing, loads nothing and complains of nothing',
  async (path) => {
    const { page, misdeeds } = await open(path);
    expect(misdeeds).toEqual([]);
    expect(await page.locator('script, img, iframe, [onmouseover], [onerror]').count()).toBe(0);
  },
);

test('a name that wants to be a script is read as it is written', async () => {
  const { page, misdeeds } = await open('/clusters/j-6SCRIPT');
  expect(await page.locator('h1').innerText()).toContain(HOSTILE);
  expect(await page.locator('td').allInnerTexts()).toContain(HOSTILE);
  expect(misdeeds).toEqual([]);
});

test('the names of others stay where they are put: neither attribute nor direction nor line', async () => {
  const { page, misdeeds } = await open('/');
  const names = await page.locator('#clusters + table bdi').allInnerTexts();
  expect(names).toContain(`"' onmouseover="alert(2)" x='`);
  expect(names).toContain('safe[U+202E]fdp.exe[U+0007][U+000A]');
  expect(misdeeds).toEqual([]);
});

test('a file that S3 has no more is on the page with its reason, and what to look at leads there', async () => {
  const { page } = await open('/');
  await page.getByRole('link', { name: 'Which' }).click();
  expect(page.url()).toMatch(/#held$/);
  const row = page
    .getByRole('table', { name: /on disk and not in S3/ })
    .getByRole('row')
    .nth(1);
  expect(await row.innerText()).toMatch(/j-4ETLNIGHTLY\s+48 targets\s+vanished without ended\//);
});

test('who only hears the page finds its tables by name, with heads for rows and columns', async () => {
  const { page } = await open('/');
  const clusters = page.getByRole('table', { name: /9 clusters/ });
  expect(await clusters.getByRole('columnheader').allInnerTexts()).toEqual([
    'Cluster',
    'State',
    'Exporters on nodes',
    'Targets',
  ]);
  expect(await clusters.getByRole('rowheader').count()).toBe(9);
  await page.getByRole('link', { name: 'j-1FINANCEDAILY' }).first().click();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('finance-daily');
});

test.each<[string, Readonly<Record<string, string>>, 'away' | 'there', string]>([
  ['an account without a cluster', {}, 'there', 'No cluster yet.'],
  ['S3 away', sampleFleet(new Date()), 'away', 'list targets'],
])('the page of %s says it, in words that everybody can read', async (_name, objects, s3, words) => {
  const other = await pageSidecar(objects);
  onTestFinished(() => other.close());
  await other.shows('there is one each');
  if (s3 === 'away')
    other.account.s3.faults.arm({ kind: 'error', status: 503, code: 'ServiceUnavailable' }, { times: 1e9 });
  await other.shows(words);
  const { page, misdeeds } = await open('/', PHONE, 'dark', other);
  expect(await page.locator('body').innerText()).toContain(words);
  expect(await page.evaluate(TOO_WIDE)).toEqual([]);
  expect(misdeeds).toEqual([]);
  expect(await violations(page)).toEqual([]);
});
