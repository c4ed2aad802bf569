// `npm run picture`: docs/images/console.png, the picture of the README: the console of a Longhaul that has run the demo's jobs for some minutes.
// Nothing in it is made up. Needs a database of its own (DATABASE_URL), or what is in yours is in the picture.

import './lib/node-version.mjs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { readCommandLine } from './lib/command-line.mjs';
import { csvImport, fanoutEnrich, IMPORTS, REPORTS } from './lib/demo-jobs.mjs';
import { startDemoServices } from './lib/demo-services.mjs';
import { GatewayClient } from './lib/gateway-client.mjs';
import { reportAndFail, say } from './lib/log.mjs';
import { ensureReadyToRun, startLonghaul } from './lib/longhaul.mjs';
import { Owned } from './lib/owned.mjs';
import { root } from './lib/paths.mjs';
import { onStopSignal } from './lib/signals.mjs';

const HELP = `Usage: npm run picture

Runs the demo's jobs for six minutes, and writes docs/images/console.png. CHROMIUM: the browser (/usr/bin/chromium).
`;
const MINUTES = 6;
const FILE = join(root, 'docs/images/console.png');

const owned = new Owned();
const { signal, second } = onStopSignal();
try {
  readCommandLine(HELP);
  await Promise.race([picture(), new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
  process.exit();
}

async function picture() {
  await ensureReadyToRun(signal);
  const services = await startDemoServices();
  owned.add('the demo services', { stop: services.close });
  const env = { FANOUT_ALLOW_HOSTS: services.urls.map((url) => new URL(url).host).join(',') };
  const { url } = await startLonghaul(owned, { signal, hurry: second, showLogs: false, env });
  const gateway = new GatewayClient(url);
  const data = join(root, 'node_modules/vega-datasets/data');
  const files = await Promise.all(IMPORTS.map(({ file }) => gateway.upload(join(data, file))));
  const imports = IMPORTS.map(({ table }, index) => csvImport(files[index]?.id ?? '', table));
  for (const job of imports) await gateway.submit(job);
  await delay(10_000);

  say(`running the demo's jobs for ${MINUTES} minutes`);
  const end = Date.now() + MINUTES * 60_000;
  for (let round = 0; Date.now() < end; round++) {
    // More in one minute and less in another, as callers do.
    const calls = 2 + Math.round(4 * (1 + Math.sin(round / 9)));
    for (let call = 0; call < calls; call++) await gateway.submit(fanoutEnrich(services.urls));
    if (round % 3 === 0) for (const { job } of REPORTS) await gateway.submit(job);
    if (round % 30 === 0) for (const job of imports) await gateway.submit(job);
    await delay(1_500);
  }
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  await page.goto(`${url}/console/`);
  await page.locator('main h1').first().waitFor();
  await delay(3_000);
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  await page.screenshot({ path: FILE });
  await browser.close();
  say('written: docs/images/console.png');
}
