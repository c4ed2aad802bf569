import { DEFAULT_REPLY_QUEUES, replyQueues } from './reply-queues.js';

const DIRECT = 'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAzMzQ1.abc==';

describe('the queues that a reply may go to', () => {
  it.each(['billing.private', 'longhaul.dead', 'longhaul.jobs.default', 'longhaul.submit', 'longhaul.own.x', 'amq.rabbitmq.reply-to', 'amq.direct', ''])(
    'are not %j, unless an operator says so (E13)',
    (name) => {
      expect(replyQueues('')(name)).toBe(false);
      expect(replyQueues(DEFAULT_REPLY_QUEUES)(name)).toBe(false);
    },
  );

  it('are direct reply-to always, and server-named queues by default (E13)', () => {
    expect([DIRECT, 'amq.gen-abc'].map(replyQueues(''))).toEqual([true, false]);
    expect([DIRECT, 'amq.gen-abc'].map(replyQueues(DEFAULT_REPLY_QUEUES))).toEqual([true, true]);
  });

  it.each([
    ['replies.*', ['replies.a', 'replies.a.b'], ['replies', 'xreplies.a', 'repliesXa']],
    ['a, b', ['a', 'b'], ['ab', 'a,b']],
    ['^team\\.', ['team.a'], ['ateam.b']],
    ['team\\.[a-z]+', ['team.a'], ['team.1', 'xteam.a']],
  ])('are those that match %j (E13)', (text, yes, no) => {
    const may = replyQueues(text);
    expect(yes.map(may)).toEqual(yes.map(() => true));
    expect(no.map(may)).toEqual(no.map(() => false));
  });

  it('are never our own, nor names with control characters, whatever is allowed (E13)', () => {
    expect(['longhaul.dead', 'longhaul.jobs.x', '\u0001[]', 'a\nb'].map(replyQueues('*,.*,^'))).toEqual([false, false, false, false]);
  });

  it('are told wrong by the name of their variable', () => {
    expect(() => replyQueues('(')).toThrow(/REPLY_QUEUES/);
  });
});
