/** The pictures of docs/page.md: npx node test/sidecar/page/take-screenshots.ts */
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { findChromium } from '../../../scripts/prepare/find-chromium.ts';
import { pageSidecar } from './page-sidecar.ts';
import { sampleFleet } from './sample-fleet.ts';

const PICTURES = {
  overview: { path: '/', width: 720, height: 760, scheme: 'light' },
  cluster: { path: '/clusters/j-1FINANCEDAILY', width: 760, height: 720, scheme: 'light' },
  phone: { path: '/', width: 360, height: 960, scheme: 'dark' },
} as const;

const [sidecar, browser] = await Promise.all([
  pageSidecar(sampleFleet(new Date())),
  chromium.launch({ executablePath: findChromium(process.env), args: ['--no-sandbox'] }),
]);
await sidecar.shows('finance-daily');
await sidecar.shows('5, with 166 targets');
sidecar.account.remove('targets/j-4ETLNIGHTLY.json');
await sidecar.shows('vanished without ended/');
await mkdir('docs/images', { recursive: true });
for (const [name, { path, width, height, scheme }] of Object.entries(PICTURES)) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(sidecar.url + path);
  await page.screenshot({ path: `docs/images/page-${name}.png` });
}
await browser.close();
await sidecar.close();
