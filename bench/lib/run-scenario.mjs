// One scenario: each subject in turn, its repeats, and what came of them.

import { say } from '../../tools/lib/log.mjs';
import { median, short } from './statistics.mjs';
import { Stack } from './stack.mjs';
import { dumpStatements, prepareStatements } from './statements.mjs';

/**
 * @typedef {Record<string, number>} Repeat  what one repeat has measured, by metric
 *
 * @typedef {object} Subject
 * @property {string} id
 * @property {string} peer
 * @property {string} [title]
 * @property {string} [settings]  the peer's, if left out
 * @property {Record<string, any>} [with]  what sets it apart
 *
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} title
 * @property {'more' | 'less'} better
 *
 * @typedef {object} Target
 * @property {string} metric
 * @property {string} of  a subject's id
 * @property {string} [against]  another's: then the ratio counts
 * @property {number} [atLeast]
 * @property {number} [atMost]
 *
 * @typedef {object} Scenario
 * @property {string} what
 * @property {(options: import('./options.mjs').Options) => Subject[]} subjects
 * @property {Metric[]} metrics  the first is the one that ratios are of
 * @property {Target[]} targets
 * @property {boolean} [once]  whatever the options say: a repeat is a long run
 * @property {Record<string, string>} [longhaulEnv]
 * @property {(stack: Stack, subject: Subject, bench: Bench) => Promise<Repeat>} measure
 *
 * @typedef {{ id: string, title: string, settings: string, repeats: Repeat[], error?: string }} Result
 *
 * @typedef {object} Bench
 * @property {import('./options.mjs').Options} options
 * @property {(count: number) => number} jobs  a number of jobs, scaled
 * @property {(seconds: number) => number} seconds  a time, scaled
 */

/** @param {string} name @param {Scenario} scenario @param {import('./options.mjs').Options} options @param {AbortSignal} signal */
export async function runScenario(name, scenario, options, signal) {
  const isWanted = (/** @type {Subject} */ { peer, id }) => options.only.length === 0 || options.only.includes(peer) || options.only.includes(id);
  /** @type {Map<string, Result>} */
  const results = new Map();
  // Round after round and not subject after subject: what else the machine does meanwhile is everybody's.
  for (let round = 0; round < (scenario.once ? 1 : options.repeats); round++) {
    for (const subject of scenario.subjects(options).filter(isWanted)) {
      const { repeats, ...about } = await runSubject(name, scenario, subject, options, signal);
      const before = results.get(subject.id);
      results.set(subject.id, { ...before, ...about, repeats: [...(before?.repeats ?? []), ...repeats] });
    }
  }
  const all = [...results.values()];
  return { scenario: name, what: scenario.what, metrics: scenario.metrics, results: all, targets: judge(scenario.targets, all) };
}

/** @param {string} name @param {Scenario} scenario @param {Subject} subject @param {import('./options.mjs').Options} options @param {AbortSignal} signal @returns {Promise<Result>} */
async function runSubject(name, scenario, subject, options, signal) {
  signal.throwIfAborted();
  const began = performance.now();
  const stack = await Stack.open(subject.peer, {
    concurrency: options.concurrency,
    signal,
    profileDir: options.profileDir,
    longhaulEnv: { ...scenario.longhaulEnv, ...subject.with?.longhaulEnv },
  });
  const about = { id: subject.id, title: subject.title ?? stack.peer.title, settings: subject.settings ?? stack.peer.settings };
  try {
    await subject.with?.prepare?.(stack);
    const statements = options.profileDir !== undefined && (await prepareStatements(stack));
    const repeat = await scenario.measure(stack, subject, benchOf(options));
    if (statements) await dumpStatements(stack);
    const [first] = scenario.metrics;
    say(`${name} ${subject.id}: ${short(repeat[first?.name ?? ''] ?? NaN)} ${first?.title ?? ''} (${((performance.now() - began) / 1_000).toFixed(0)} s)`);
    return { ...about, repeats: [repeat] };
  } catch (error) {
    signal.throwIfAborted();
    say(`${name} ${subject.id}: failed: ${error instanceof Error ? error.message : error}`);
    return { ...about, repeats: [], error: String(error instanceof Error ? error.message : error).slice(0, 2_000) };
  } finally {
    await stack.close();
  }
}

/** @param {import('./options.mjs').Options} options @returns {Bench} */
function benchOf(options) {
  return {
    options,
    jobs: (count) => Math.max(20, Math.round(count * options.scale)),
    seconds: (seconds) => Math.max(1, Math.round(seconds * options.scale)),
  };
}

/**
 * @param {{ repeats: Repeat[] }} result @param {string} metric
 */
export function medianOf({ repeats }, metric) {
  return median(repeats.flatMap((repeat) => repeat[metric] ?? []));
}

/** @param {Target[]} targets @param {{ id: string, repeats: Repeat[] }[]} results */
function judge(targets, results) {
  return targets.flatMap(({ metric, of, against, atLeast, atMost }) => {
    const [one, other] = [of, against].map((id) => results.find((result) => result.id === id));
    if (!one || (against !== undefined && !other)) return [];
    const value = other ? medianOf(one, metric) / medianOf(other, metric) : medianOf(one, metric);
    const wanted = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    const met = atLeast === undefined ? value <= (atMost ?? NaN) : value >= atLeast;
    return [{ target: `${metric}: ${of}${against ? ` : ${against}` : ''} ${wanted}`, value: short(value), met }];
  });
}
