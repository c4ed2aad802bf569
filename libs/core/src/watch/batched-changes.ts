import type { JobId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { ChangeFeed, ChangeListener } from './events.js';

const TICK_MS = 50;
const MAX_OF_A_MESSAGE = 500;
/** Of one tick. What is beyond it is found by whoever looks at the store now and then. */
const MAX_OF_A_TICK = 20_000;

/** Collects changed jobs, each once, and sends them on together: some messages in a second, however many jobs there are. What else has changed is one message. */
export class BatchedChanges implements ChangeFeed {
  private readonly changed = new Set<JobId>();
  /** Whether something that is no job has changed. */
  private hasOthers = false;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly send: ChangeListener,
    private readonly clock: Pick<Clock, 'after'>,
  ) {}

  tell(jobIds: readonly JobId[]): void {
    if (jobIds.length === 0) this.hasOthers = true;
    for (const id of jobIds) if (this.changed.size < MAX_OF_A_TICK) this.changed.add(id);
    this.cancel ??= this.clock.after(TICK_MS, () => this.flush());
  }

  /** Sends what there is. */
  flush(): void {
    this.cancel?.();
    this.cancel = undefined;
    const ids = [...this.changed];
    this.changed.clear();
    if (this.hasOthers) this.send([]);
    this.hasOthers = false;
    for (let start = 0; start < ids.length; start += MAX_OF_A_MESSAGE) this.send(ids.slice(start, start + MAX_OF_A_MESSAGE));
  }
}
