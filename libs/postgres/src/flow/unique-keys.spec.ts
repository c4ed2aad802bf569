import { loadStatements } from '../testing/load-statements.js';
import { newJob } from '../testing/test-store.js';
import { STATEMENTS } from '../pool/database.js';
import { isUnique, roundsOf } from './unique-keys.js';

/** Statements that move jobs and need not free their unique keys, and why. */
const EXEMPT: Record<string, string> = {
  'job:claim': 'its condition leaves jobs with unique keys alone',
  'job:claim-suspect': 'its condition leaves jobs with unique keys alone',
  'job:settle': 'a job that runs has no unique key any more',
  'job:settle-plain': 'a job that runs has no unique key any more',
  'job:take-over': 'a job that runs has no unique key any more',
  'sweep:recover': 'a job that runs has no unique key any more',
  'sweep:recover-orphans': 'a job that runs has no unique key any more',
  'worker:recover-stray': 'a job that runs has no unique key any more',
  'outbox:take': 'its jobs go on waiting',
  'outbox:enter-due': 'its jobs go on waiting',
  'job:start-scheduled': 'its jobs go on waiting',
  'job:redrive': 'it takes the key',
  'job:redrive-many': 'it takes the key',
  'job:submit-unique': 'the key of the job that it cancels goes to the one that it stores',
};

beforeAll(loadStatements);

test('every statement by which a job stops waiting frees its unique key', () => {
  const moving = STATEMENTS.filter(({ text }) => /UPDATE lh\.jobs\b/.test(text) && /\bSET\s+(?:\w+ = [^,]+,\s*)*state = /.test(text));
  const freeing = moving.filter(({ text }) => text.includes('DELETE FROM lh.unique_jobs')).map(({ name }) => name);
  expect(freeing).toEqual(
    expect.arrayContaining(['job:claim-limited', 'job:claim-due', 'job:cancel', 'job:cancel-many', 'job:exhaust', 'job:defer', 'job:expire']),
  );
  expect(moving.map(({ name }) => name).filter((name) => !freeing.includes(name) && !(name in EXEMPT))).toEqual([]);
  expect(Object.keys(EXEMPT).filter((name) => !moving.some((made) => made.name === name) || freeing.includes(name))).toEqual([]);
});

test('no statement of the hot path knows of unique keys, but for the condition of the claim', () => {
  const hot = ['job:submit', 'job:submit-plain', 'job:submit-to-room', 'job:submit-plain-to-room', 'job:claim', 'job:settle', 'job:settle-plain'];
  const knowing = STATEMENTS.filter(({ name, text }) => hot.includes(name) && /unique_(key|jobs)/.test(text));
  expect(knowing.map(({ name }) => name)).toEqual(['job:claim']);
  expect(knowing[0]?.text).not.toContain('unique_jobs');
});

test('jobs are taken in rounds in which each key stands once, in their order', () => {
  const jobs = ['a', 'b', 'a', 'c', 'a', 'b'].map((key, place) => newJob({ priority: place, unique: { key, keep: 'newest' } })).filter(isUnique);
  expect(roundsOf(jobs).map((round) => round.map(({ priority }) => priority))).toEqual([[0, 1, 3], [2, 5], [4]]);
  expect(roundsOf([])).toEqual([]);
});
