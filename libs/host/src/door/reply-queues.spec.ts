import { DEFAULT_REPLY_QUEUES, replyQueues } from './reply-queues.js';

const DIRECT = 'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAzMzQ1.abc==';

describe('the queues that a reply may go to', () => {
  it.each(['billing.private', 'longhaul.dead', 'longhaul.jobs.default', 'longhaul.submit', 'longhaul.own.x', 'amq.rabbitmq.reply-to', 'amq.direct', ''])(
    'are not %j, unless an operator says so (E13)',
    (name) => {
      expect(replyQueues('')(name, 'ada')).toBe(false);
      expect(replyQueues(DEFAULT_REPLY_QUEUES)(name, 'ada')).toBe(false);
    },
  );

  it('are direct reply-to always, and server-named queues by default (E13)', () => {
    expect([DIRECT, 'amq.gen-abc'].map((name) => replyQueues('')(name, 'ada'))).toEqual([true, false]);
    expect([DIRECT, 'amq.gen-abc'].map((name) => replyQueues(DEFAULT_REPLY_QUEUES)(name, undefined))).toEqual([true, true]);
  });

  it.each([
    ['replies.*', ['replies.a', 'replies.a.b'], ['replies', 'xreplies.a', 'repliesXa']],
    ['a, b', ['a', 'b'], ['ab', 'a,b']],
    ['^team\\.', ['team.a'], ['ateam.b']],
    ['team\\.[a-z]+', ['team.a'], ['team.1', 'xteam.a']],
  ])('are those that match %j (E13)', (text, yes, no) => {
    const queues = replyQueues(text);
    const may = (name: string) => queues(name, undefined);
    expect(yes.map(may)).toEqual(yes.map(() => true));
    expect(no.map(may)).toEqual(no.map(() => false));
  });

  it('are never our own, nor names with control characters, whatever is allowed (E13)', () => {
    expect(['longhaul.dead', 'longhaul.jobs.x', '\u0001[]', 'a\nb'].map((name) => replyQueues('*,.*,^')(name, 'ada'))).toEqual([false, false, false, false]);
  });

  it.each([
    ['replies.{user}', 'ada', ['replies.ada'], ['replies.bob', 'replies.', 'replies.ada.x', 'replies.{user}', 'repliesXada']],
    ['{user}-*', 'a.d*-/a', ['a.d*-/a-1'], ['aXd*-/a-1', 'a.dbc-/a-1', '-1']],
    ['^replies\\.{user}\\.[a-z]+$', 'a|b', ['replies.a|b.x'], ['replies.a', 'replies.b.x', 'replies.a|b.1']],
    ['team\\.{user}', '.*', ['team..*'], ['team.ada']],
    ['other,replies.{user}', undefined, ['other'], ['replies.ada', 'replies.', 'replies.undefined', 'replies.{user}']],
  ])('are with %j for the account %j those with its own name', (text, user, yes, no) => {
    const may = (name: string) => replyQueues(text)(name, user);
    expect(yes.map(may)).toEqual(yes.map(() => true));
    expect(no.map(may)).toEqual(no.map(() => false));
  });

  it('are told wrong by the name of their variable', () => {
    expect(() => replyQueues('(')).toThrow(/REPLY_QUEUES/);
    expect(() => replyQueues('({user}')).toThrow(/REPLY_QUEUES.*\{user\}/);
  });
});
