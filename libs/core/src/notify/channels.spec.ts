import { addressFaults, notifyEntries } from './channels.js';

const REPLY = { channel: 'reply', to: 'q', id: 'c' };

describe('whom the outcome of a job is sent to', () => {
  test('is what the options name, by the channel of each, and then what came with the request', () => {
    expect(notifyEntries({ notifyEmail: 'a@example.org', callbackUrl: 'HTTPS://Example.org' }, [REPLY])).toEqual([
      { channel: 'webhook', to: 'https://example.org/' },
      { channel: 'email', to: 'a@example.org' },
      REPLY,
    ]);
    expect(notifyEntries({ queue: 'q' })).toEqual([]);
  });

  test('is judged by the channel of each option; one that is not here judges nothing', () => {
    const faults = addressFaults({ callbackUrl: 'x', notifyEmail: 'y' }, { webhook: { fault: (to) => `must not be ${to}` } });
    expect(faults).toEqual([{ pointer: '/options/callbackUrl', detail: 'must not be x' }]);
    expect(addressFaults({ queue: 'q' }, { webhook: { fault: () => 'never' } })).toEqual([]);
  });
});
