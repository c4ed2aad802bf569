import { loadStatements } from '../testing/load-statements.js';
import { STATEMENTS } from '../pool/database.js';

/** Statements that move jobs and need not give slots back, and why. */
const EXEMPT: Record<string, string> = {
  'job:settle-plain': 'its condition leaves jobs with limits alone',
  'job:claim': 'a job that runs keeps its slots',
  'job:claim-suspect': 'a job that runs keeps its slots',
  'job:claim-limited': 'a job that runs keeps its slots',
  'job:claim-ready': 'a job that runs keeps its slots',
  'job:claim-due': 'a job that runs keeps its slots',
  'job:claim-due-in-slots': 'a job that runs keeps its slots',
  'job:claim-oldest': 'a job that runs keeps its slots',
  'job:take-over': 'a job that runs keeps its slots',
  'room:release': 'it leaves jobs with limits alone',
  'outbox:enter-due': 'a job whose time has not come has no slots',
  'job:expire': 'it does give them back, and writes events only',
  'outbox:take': 'a job whose time has not come has no slots',
  'job:start-scheduled': 'a job whose time has not come has no slots',
};

beforeAll(loadStatements);

const setsState = (text: string) => /UPDATE lh\.jobs\b/.test(text) && /\bSET\s+(?:\w+ = [^,]+,\s*)*state = /.test(text);
const wakesAgain = (text: string) => /INSERT INTO lh\.outbox/.test(text) && /FROM lh\.jobs|UPDATE lh\.jobs/.test(text) && text.includes(`'job'`);
const givesBack = (text: string) => text.includes('DELETE FROM lh.flow_slots');
const named = (condition: (text: string) => boolean) => STATEMENTS.filter(({ text }) => condition(text)).map(({ name }) => name);

test('every statement that takes a job out of `queued` or `running` gives its slots back', () => {
  const moving = named(setsState);
  expect(moving).toEqual(expect.arrayContaining(['job:settle', 'sweep:recover', 'sweep:recover-orphans', 'worker:recover-stray', 'job:cancel', 'job:exhaust']));
  const careless = STATEMENTS.filter(({ name, text }) => setsState(text) && !(name in EXEMPT) && !givesBack(text));
  expect(careless.map(({ name }) => name)).toEqual([]);
});

test('every statement that writes a job a new row in the outbox gives its slots back, and lets a job with limits take its turn', () => {
  expect(named(wakesAgain)).toEqual(expect.arrayContaining(['job:put-back', 'job:redrive', 'job:defer', 'job:republish', 'sweep:republish-lost']));
  const careless = STATEMENTS.filter(({ name, text }) => wakesAgain(text) && !(name in EXEMPT) && !(givesBack(text) && text.includes(`'turn'`)));
  expect(careless.map(({ name }) => name)).toEqual([]);
});

test('every statement that puts a job into the waiting room gives its slots back, or puts none there that has them', () => {
  const exempt = ['job:await-turn', 'outbox:take', 'outbox:enter-due', 'job:claim-due', 'job:claim-due-in-slots', 'job:claim-oldest', 'job:start-scheduled'];
  // Of these the statement before it in the same transaction has given them back.
  exempt.push('waiting:enter');
  const entering = STATEMENTS.filter(({ text }) => text.includes('INSERT INTO lh.waiting_room') && /lh\.jobs j/.test(text));
  expect(entering.map(({ name }) => name)).toContain('job:await-turn');
  expect(entering.filter(({ name, text }) => !exempt.includes(name) && !text.includes('INSERT INTO lh.jobs') && !givesBack(text))).toEqual([]);
});

test('what need not give slots back is a statement that there is', () => {
  expect(Object.keys(EXEMPT).filter((name) => !STATEMENTS.some((made) => made.name === name))).toEqual([]);
});

test('a settlement that does not give slots back leaves jobs with limits alone', () => {
  expect(STATEMENTS.find(({ name }) => name === 'job:settle-plain')?.text).toContain('j.limit_keys IS NULL');
});
