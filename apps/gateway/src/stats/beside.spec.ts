import { LOCAL, type Principal } from '@app/host';
import { readBeside } from './beside.js';

const reader: Principal = { ...LOCAL, scopes: ['queues:read'] };

describe('what readers of the figures want to see beside them', () => {
  test('is read from names with commas between, each once', () => {
    expect([readBeside(undefined, reader), readBeside('workers', reader), readBeside('kinds,workers,kinds', reader), readBeside('limits', LOCAL)]).toEqual([
      [],
      ['workers'],
      ['kinds', 'workers'],
      ['limits'],
    ]);
  });

  test('is refused where there is no such list, or the caller may not see limits', () => {
    expect(() => readBeside('workers,jobs', LOCAL)).toThrow('expected query parameter "with" to be names of workers, kinds, limits, alerts');
    expect(() => readBeside('workers,limits', reader)).toThrow('limits:read');
    expect(() => readBeside('workers', reader, 'partner.call')).toThrow('limits:read');
  });
});
