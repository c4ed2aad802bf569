// `npm run demo`: the three real jobs on real data, over HTTP as any client would, with a progress bar for each.
// Uses the Longhaul at GATEWAY_URL; without one it starts one, and stops it at the end.

import './lib/node-version.mjs';
import { join } from 'node:path';
import { readCommandLine } from './lib/command-line.mjs';
import { csvImport, fanoutEnrich, IMPORTS, REPORTS } from './lib/demo-jobs.mjs';
import { startDemoServices } from './lib/demo-services.mjs';
import { GatewayClient } from './lib/gateway-client.mjs';
import { PlainError, reportAndFail, say } from './lib/log.mjs';
import { ensureReadyToRun, startLonghaul } from './lib/longhaul.mjs';
import { Owned } from './lib/owned.mjs';
import { root } from './lib/paths.mjs';
import { progressBars } from './lib/progress-bars.mjs';
import { onStopSignal } from './lib/signals.mjs';

const HELP = `Usage: npm run demo

Runs three real jobs on real data, over HTTP as any client would. It uses the Longhaul at GATEWAY_URL (http://127.0.0.1:3000), and
starts one where none answers.
`;

const owned = new Owned();
const { signal, second } = onStopSignal();
try {
  readCommandLine(HELP);
  await Promise.race([demo(), new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
  process.exit();
}

async function demo() {
  await ensureReadyToRun(signal);
  const services = await startDemoServices();
  owned.add('the demo services', { stop: services.close });
  const { gateway, started } = await findOrStartGateway(services.urls);

  heading('Uploading CSV files of vega-datasets, and importing each into a table (csv.import)');
  const data = join(root, 'node_modules/vega-datasets/data');
  const files = await Promise.all(IMPORTS.map(({ file }) => gateway.upload(join(data, file))));
  await runAll(
    gateway,
    IMPORTS.map(({ file, table }, index) => ({ label: file, job: csvImport(files[index]?.id ?? '', table) })),
  );

  // A Longhaul that was not started for the demo calls nothing on this machine: nobody has told it to.
  if (!started) say('fanout.enrich is left out: this Longhaul does not call services on loopback. Without one running, npm run demo starts one that does');
  heading(`Reports on those tables (report.aggregate)${started ? ', and one ZIP code enriched by three services at once (fanout.enrich)' : ''}`);
  await runAll(gateway, [...REPORTS, ...(started ? [{ label: 'ZIP code 98101', job: fanoutEnrich(services.urls) }] : [])]);
}

/** @param {string[]} serviceUrls the only ones on loopback that it may call, where it is started here */
async function findOrStartGateway(serviceUrls) {
  const given = process.env.GATEWAY_URL;
  const gateway = new GatewayClient(given ?? 'http://127.0.0.1:3000');
  if (await gateway.isReady()) {
    say(`using the Longhaul at ${gateway.url}`);
    return { gateway, started: false };
  }
  if (given) throw new PlainError(`expected a Longhaul at GATEWAY_URL ${given}, got no answer from its /health/ready`);
  say('no Longhaul at http://127.0.0.1:3000; starting one for the demo');
  const env = { FANOUT_ALLOW_HOSTS: serviceUrls.map((url) => new URL(url).host).join(',') };
  const { url } = await startLonghaul(owned, { signal, hurry: second, showLogs: false, env });
  return { gateway: new GatewayClient(url), started: true };
}

/** @param {GatewayClient} gateway @param {{ label: string, job: { kind: string, payload: object } }[]} jobs */
async function runAll(gateway, jobs) {
  const bars = await progressBars();
  const submitted = await Promise.all(jobs.map(async ({ label, job }) => ({ label, id: (await gateway.submit(job)).id })));
  const ended = await Promise.all(submitted.map(async ({ label, id }) => ({ label, job: await gateway.follow(id, bars.follow(label)) }))).finally(bars.stop);
  for (const { label, job } of ended) show(gateway, label, job);
  const failed = ended.filter(({ job }) => job.state !== 'succeeded');
  if (failed.length > 0) throw new PlainError(`expected all jobs to succeed, got: ${failed.map(({ label }) => label).join(', ')} did not`);
}

/** @param {GatewayClient} gateway @param {string} label @param {import('./lib/gateway-client.mjs').JobView} job */
function show(gateway, label, job) {
  const out = (/** @type {string} */ text) => process.stdout.write(`  ${text}\n`);
  out('');
  out(`${label}: ${job.state}   ${gateway.url}/jobs/${job.id}`);
  if (job.error) return out(`  ${job.error.message}`);
  // URLs in a result are the gateway's paths: shown so that a click opens them.
  const text = JSON.stringify(job.result, (key, value) => (key === 'columns' ? `${value.length} columns` : value), 2);
  for (const line of text.split('\n')) out(`  ${line.replaceAll('"/files/', `"${gateway.url}/files/`)}`);
}

function heading(/** @type {string} */ text) {
  process.stdout.write(`\n${text}\n\n`);
}
