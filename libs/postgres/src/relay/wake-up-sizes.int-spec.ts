import { waitFor } from '../../../../test/support/index.js';
import { TestStore } from '../testing/test-store.js';
import { Database } from '../pool/database.js';
import { WakeUpSizes } from './wake-up-sizes.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.query('DELETE FROM kinds'));

const process = () => new WakeUpSizes(new Database(store.dataSource));

describe('how many jobs of a kind one message may hold', () => {
  test('is one until a worker has measured how long they run, then what it says, in every process', async () => {
    const [worker, gateway] = [process(), process()];
    expect(gateway.of('report')).toBe(1);
    await worker.write(new Map([['report', 12], ['import', 3]])); // prettier-ignore
    await waitFor('the gateway to have read it', () => gateway.of('report') === 12);
    expect(gateway.of('import')).toBe(3);
    expect(gateway.of('another')).toBe(1);
  });

  test('is what was measured last, and between 1 and 64', async () => {
    const worker = process();
    await worker.write(new Map([['report', 12]]));
    await worker.write(new Map([['report', 0], ['import', 1_000]])); // prettier-ignore
    expect(await store.query('SELECT name, wake_up_size FROM kinds ORDER BY name')).toEqual([
      { name: 'import', wake_up_size: 64 },
      { name: 'report', wake_up_size: 1 },
    ]);
  });
});
