import { once } from 'node:events';
import { type Files, NonRetryableError, type StoredFile } from '@app/sdk';
import { stringify, type Stringifier } from 'csv-stringify';

/** One line of the file that could not be imported, and why. `text` is its bytes, one character each. */
export interface BadRow {
  line: number;
  column: string;
  reason: string;
  text: string;
}

const EXCERPT_BYTES = 1_000;
/** Rows of which the share of bad ones means something: after these a file that is mostly wrong is given up. */
const FIRST_ROWS = 1_000;

/** How many bad rows an import may have: `rows` of them, and `share` of all rows read (0.1 is 10 %), when these are `ofAtLeast`. */
export interface BadRowLimits {
  rows: number;
  share: number;
  ofAtLeast: number;
}

/**
 * Gathers bad rows into a CSV that grows in the file store while the import runs, so that any number of them costs no
 * memory. The file exists from `close()` on, and not at all when there was no bad row. Cells that a spreadsheet would
 * take for a formula are guarded.
 */
export class BadRows {
  #count = 0;
  #tooMany = false;
  #first: BadRow | undefined;
  #csv: Stringifier | undefined;
  #saving: Promise<StoredFile> | undefined;

  constructor(
    private readonly files: Files,
    private readonly about: { name: string; key: string; signal: AbortSignal },
    private readonly limits: BadRowLimits,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** Where the first bad row is and why it is one, for messages. */
  get first(): string {
    return this.#first ? `line ${this.#first.line}: ${this.#first.reason}` : 'none';
  }

  /** Whether the import was given up for its bad rows. */
  get tooMany(): boolean {
    return this.#tooMany;
  }

  /** Throws a NonRetryableError at the first row beyond the limit; that row is in the report too. */
  async add(row: BadRow): Promise<void> {
    this.#count++;
    this.#first ??= row;
    const csv = (this.#csv ??= this.open());
    const text = Buffer.from(row.text.slice(0, EXCERPT_BYTES), 'latin1').toString('utf8').replaceAll('\u0000', '\ufffd');
    // A store that fails rejects `#saving`, and then nothing drains any more: that ends the wait too.
    if (!csv.write([row.line, row.column, row.reason, text])) await Promise.race([once(csv, 'drain'), this.#saving]);
    if (this.#count > this.limits.rows) throw this.refusal(`expected at most ${this.limits.rows} bad rows, got more`);
  }

  /** Throws a NonRetryableError when, of `rows` rows read, too large a share is bad. Looks after the first thousand, and at the end. */
  checkShare(rows: number, atEnd: boolean): void {
    if (rows < this.limits.ofAtLeast || (!atEnd && rows !== FIRST_ROWS) || this.#count <= this.limits.share * rows) return;
    const which = atEnd ? `${rows}` : `the first ${rows}`;
    throw this.refusal(`expected at most ${percent(this.limits.share)} of the rows to be bad, got ${this.#count} of ${which} (maxBadShare)`);
  }

  private refusal(problem: string): NonRetryableError {
    this.#tooMany = true;
    return new NonRetryableError(`${problem}; the first is ${this.first}`, { code: 'too_many_bad_rows' });
  }

  /** Ends the report and resolves with its file when that is durable; undefined when there were no bad rows. */
  async close(): Promise<StoredFile | undefined> {
    this.#csv?.end();
    return this.#saving;
  }

  /** Gives up the report; nothing of it stays. */
  async discard(): Promise<void> {
    this.#csv?.destroy(new Error('the import was stopped'));
    await this.#saving?.catch(() => undefined);
  }

  private open(): Stringifier {
    const csv = stringify({ header: true, columns: ['line', 'column', 'reason', 'row'], escape_formulas: true });
    csv.on('error', () => undefined);
    const { name, key, signal } = this.about;
    this.#saving = this.files.save(csv, { name, mediaType: 'text/csv; charset=utf-8', key, signal });
    this.#saving.catch(() => undefined);
    return csv;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
