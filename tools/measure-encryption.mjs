// What the encryption of payloads and results costs a job in CPU, by size: `npm run build && node tools/measure-encryption.mjs`. A payload is sealed by the gateway and opened
// by the worker, a result sealed by the worker and opened by whoever is told of it: each of the four is what is measured here, alone, with its bytes of JSON. Prints a table for
// docs/operate/encryption.md.

import './lib/node-version.mjs';
import { randomBytes } from 'node:crypto';
import { ensureBuild } from './lib/build.mjs';

await ensureBuild();
/** @type {typeof import('../libs/core/src/kit/data-box.js')} */
const { AesDataBox, keyList } = await import(new URL('../dist/libs/core/src/kit/data-box.js', import.meta.url).href);

const SECONDS = Number(process.argv[2] ?? 2);
const box = new AesDataBox(keyList([{ id: '2026-11', bytes: randomBytes(32) }]), 'all');
const place = 'payload of job\n01890000-0000-7000-8000-000000000000\ndefault';

/** @param {number} bytes */
function json(bytes) {
  const rows = Array.from({ length: Math.ceil(bytes / 20) }, (_, n) => `row ${n}, which is fine`);
  return JSON.stringify({ text: rows.join('; ').slice(0, bytes - 11) });
}

/** Microseconds of CPU of this process for each call. @param {() => unknown} work */
function cpuOf(work) {
  for (let n = 0; n < 2_000; n++) work();
  const until = performance.now() + SECONDS * 1_000;
  const before = process.cpuUsage();
  let calls = 0;
  while (performance.now() < until) for (let n = 0; n < 20; n++, calls++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

console.log('| bytes of JSON | seal, µs | open, µs | stored bytes |\n| ---: | ---: | ---: | ---: |');
for (const bytes of [256, 65_536]) {
  const text = json(bytes);
  const stored = box.seal(text, place);
  const [seal, open] = [cpuOf(() => box.seal(text, place)), cpuOf(() => box.open(stored, place))];
  console.log(`| ${text.length.toLocaleString('en')} | ${seal.toFixed(1)} | ${open.toFixed(1)} | ${stored.length.toLocaleString('en')} |`);
}
