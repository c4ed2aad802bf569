// The functions in which profiled processes spent their own time.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TOP = 25;

/** @param {string} dir @param {string} root */
export function printProfiles(dir, root) {
  for (const file of readdirSync(dir)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()) {
    const { total, functions } = selfTimes(JSON.parse(readFileSync(join(dir, file), 'utf8')), root);
    console.log(`\n${file}: ${(total / 1e6).toFixed(1)} s`);
    for (const { name, self } of functions.slice(0, TOP)) console.log(`  ${((100 * self) / total).toFixed(1).padStart(5)} %  ${name}`);
  }
}

/**
 * @typedef {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }} ProfileNode
 * @param {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} profile @param {string} root
 */
function selfTimes({ nodes, samples, timeDeltas }, root) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, root)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '?';
    const micros = timeDeltas[index] ?? 0;
    total += micros;
    times.set(name, (times.get(name) ?? 0) + micros);
  }
  return { total, functions: [...times].map(([name, self]) => ({ name, self })).sort((a, b) => b.self - a.self) };
}

/** @param {ProfileNode['callFrame']} frame @param {string} root */
function nameOf({ functionName, url, lineNumber }, root) {
  const place = url.replace(/^file:\/\//, '').replace(`${root}/`, '');
  return `${functionName || '(anonymous)'}${place ? ` ${place}:${lineNumber + 1}` : ''}`;
}
