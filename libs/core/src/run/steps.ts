import { NonRetryableError } from '../job/errors.js';
import type { JsonText } from '../job/raw-json.js';
import { unstorable } from '../job/json-limits.js';
import { stepResult } from './attempt-outcome.js';

const MAX_NAME = 200;

/** Where the results of steps are kept. */
export interface StepMemory {
  /** The result that an earlier attempt has left, or null. Rejects when this attempt may not run steps any more. */
  read(name: string): Promise<JsonText | null>;
  /** Rejects when the result was not kept, for this attempt has lost its lease. */
  save(name: string, result: JsonText): Promise<void>;
}

/** The steps of one attempt. What a step gives is the same in the attempt that runs it and in every later one: its JSON, read again. */
export class Steps {
  private readonly names = new Set<string>();

  constructor(
    private readonly memory: StepMemory,
    private readonly maxBytes: number | undefined,
  ) {}

  async run(name: string, work: () => Promise<unknown>): Promise<unknown> {
    this.begin(name);
    try {
      const stored = await this.memory.read(name);
      if (stored !== null) return JSON.parse(stored);
      const text = stepResult(name, await work(), this.maxBytes);
      await this.memory.save(name, text);
      return JSON.parse(text);
    } catch (error) {
      // It has left no result, or one that the next look finds: the handler may try it again.
      this.names.delete(name);
      throw error;
    }
  }

  private begin(name: unknown): void {
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME || unstorable(name) !== undefined) {
      const got = typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : typeof name;
      throw new NonRetryableError(`expected the name of a step to be text of 1 to ${MAX_NAME} characters, got: ${got}`, { code: 'invalid_step' });
    }
    if (!this.names.has(name)) {
      this.names.add(name);
      return;
    }
    const quoted = JSON.stringify(name);
    throw new NonRetryableError(
      `expected each step of an attempt to have a name of its own, got ${quoted} twice: the second would be given the first one's result ` +
        `and not run; in a loop put what differs into the name, e.g. job.step(\`${name.slice(0, 50)}:\${id}\`, …)`,
      { code: 'duplicate_step' },
    );
  }
}
