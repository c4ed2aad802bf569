// `node tools/numbers.mjs`: what the code promises of itself, as numbers: how many files one more of something takes, and how much of the API is
// described. Exit code 1 when one is above its bar. `--check` is for `npm run check`: it only fails for the bars that have been reached once.

import './lib/node-version.mjs';
import { apiDocument } from './lib/api-document.mjs';
import { ensureBuild } from './lib/build.mjs';
import { countFactories } from './lib/count-factories.mjs';
import { filesNaming, filesOfTable, readSources } from './lib/count-places.mjs';
import { describedOperations } from './lib/described-operations.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

/** What a channel's folder exports, its variables, and the option of a job that names an address: who names none of these does not know of it. */
const CHANNEL = /\b(?:emailChannel|EmailJob|EMAIL_KIND|EmailConfig|SMTP_URL|ALERT_EMAILS|notifyEmail)\b|\/email\/|\bEMAIL_[A-Z_]+\b/;
/** A migration, and its place in the list of them. */
const MIGRATION = 2;
/** Those options that are stored and shown have nothing else in common: a file that names all of them lists the options. */
const SHOWN_OPTIONS = [/\bqueue\b/, /\bpriority\b/, /\bmaxAttempts\b|\bmax_attempts\b/, /\btags\b/];
/** Has rows that are written, read and deleted, and nothing but its adapter names it. */
const TABLE = 'email_counts';
const CHANNEL_FOLDER = 'libs/notifications/src/email/';

/** @typedef {{ what: string, value: number, bar: number, detail: string, reached: boolean }} Line */

try {
  await ensureDependencies();
  await ensureBuild();
  const lines = [...places(), factories(), await operations()];
  for (const line of lines) console.log(shown(line));
  const failing = lines.filter(({ value, bar, reached }) => value > bar && (reached || process.argv[2] !== '--check'));
  process.exitCode = failing.length > 0 ? 1 : 0;
} catch (error) {
  reportAndFail(error);
}

/** @returns {Line[]} */
function places() {
  const sources = readSources(root);
  const option = filesNaming(sources, ...SHOWN_OPTIONS);
  const metric = filesNaming(sources, /\breplies_total\b/);
  const beside = filesNaming(sources, CHANNEL).filter((file) => !file.startsWith(CHANNEL_FOLDER));
  const table = filesOfTable(root, TABLE);
  return [
    { what: 'a job option, stored and shown', value: option.length + MIGRATION, bar: 6, detail: `${list(option)}, a migration and its list`, reached: true },
    {
      what: 'a notification channel, beside its folder',
      value: beside.length,
      bar: 2,
      detail: `${list(beside)}: the list of channels, and the option`,
      reached: true,
    },
    { what: 'a metric', value: metric.length, bar: 2, detail: list(metric), reached: true },
    { what: 'a table that can be used', value: table.length, bar: 5, detail: list(table), reached: true },
  ].map((line) => ({ ...line, what: `files for ${line.what}` }));
}

/** @returns {Line} */
function factories() {
  const { total, files } = countFactories(root);
  return { what: 'useFactory', value: total, bar: 8, detail: files.map(({ file, count }) => `${file} ${count}`).join(', '), reached: true };
}

/** @returns {Promise<Line>} */
async function operations() {
  const { all, answers, problems } = describedOperations(await apiDocument());
  const detail = `of ${all}, ${answers} have schemas of all their answers, ${problems} of all their problems`;
  return { what: 'operations without schemas', value: all - Math.min(answers, problems), bar: 0, detail, reached: true };
}

/** @param {Line} line */
function shown({ what, value, bar, detail }) {
  return `${value > bar ? 'ABOVE' : 'ok   '} ${what}: ${value} (at most ${bar}): ${detail}`;
}

/** @param {string[]} files */
function list(files) {
  return files.join(', ');
}
