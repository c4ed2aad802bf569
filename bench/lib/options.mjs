// npm run bench [scenario …] [-- options]

import { parseArgs } from 'node:util';
import { PlainError } from '../../tools/lib/log.mjs';

export const USAGE = `npm run bench [scenario …] [-- options]
  --only a,b         only these peers or subjects
  --repeats 3        measured repeats
  --scale 1          of durations and numbers of jobs (also BENCH_SCALE)
  --concurrency 100  jobs that a worker process runs at once, Longhaul's and the peers'
  --backlogs 1000,100000,1000000, --workers 1,2,4, --payloads 256,10000,1000000   of scale
  --streams 5000     of sse
  --profile          CPU profiles of Longhaul's processes, and PostgreSQL's statements where pg_stat_statements is loaded
  --write            fill bench/RESULTS.md from the newest results; alone: without measuring anything`;

/**
 * @typedef {object} Options
 * @property {string[]} scenarios
 * @property {string[]} only
 * @property {number} repeats
 * @property {number} scale
 * @property {number} concurrency
 * @property {number[]} backlogs
 * @property {number[]} workers
 * @property {number[]} payloads
 * @property {number} streams
 * @property {boolean} write
 * @property {boolean} profile
 * @property {string} [profileDir]
 */

/** @param {string[]} args @param {string[]} known @returns {Options} */
export function readOptions(args, known) {
  const { values, positionals } = parse(args);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new PlainError(`expected some of the scenarios ${known.join(', ')}, got: ${unknown}\n${USAGE}`);
  return {
    scenarios: positionals.length > 0 || values.write ? positionals : known,
    only: list(values.only),
    repeats: number('--repeats', values.repeats),
    scale: number('--scale', values.scale),
    concurrency: number('--concurrency', values.concurrency),
    backlogs: list(values.backlogs).map((text) => number('--backlogs', text)),
    workers: list(values.workers).map((text) => number('--workers', text)),
    payloads: list(values.payloads).map((text) => number('--payloads', text)),
    streams: number('--streams', values.streams),
    write: values.write,
    profile: values.profile,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        only: { type: 'string', default: '' },
        repeats: { type: 'string', default: '3' },
        scale: { type: 'string', default: process.env.BENCH_SCALE ?? '1' },
        concurrency: { type: 'string', default: '100' },
        backlogs: { type: 'string', default: '1000,10000,100000,1000000' },
        workers: { type: 'string', default: '1,2,4' },
        payloads: { type: 'string', default: '256,10000,1000000' },
        streams: { type: 'string', default: '5000' },
        profile: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new PlainError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** @param {string} text */
const list = (text) => text.split(',').filter(Boolean);

/** @param {string} name @param {string} text */
function number(name, text) {
  const value = Number(text);
  if (!(value > 0)) throw new PlainError(`expected ${name} to be a number above 0, got: ${text}`);
  return value;
}
