import { addAbortSignal, type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Files, type JobContext, NonRetryableError, type StoredFile } from '@app/sdk';
import { CsvReader, type CsvRow } from './csv-reader.js';
import { type Dialect, type GivenDialect, refuseOthers, sniffDialect } from './dialect.js';
import { Decoder, decoding, type Encoding, encodingByMark, Places } from './encodings.js';

const HEAD_BYTES = 64 * 1024;
/** How long rows may keep the event loop: heartbeats and other jobs get their turn between. */
const TURN_MS = 10;

/** What a job says of its file. */
export interface GivenSource extends GivenDialect {
  encoding?: Encoding | undefined;
  maxRowBytes: number;
}

/** A stored CSV file that can be read from its beginning as often as needed, in memory that does not grow with it. */
export class CsvSource {
  private constructor(
    private readonly files: Files,
    readonly file: StoredFile,
    private readonly dialect: Dialect,
    private readonly encoding: Encoding,
    private readonly maxRowBytes: number,
  ) {}

  readonly #places = new Places();

  /** Throws a NonRetryableError when there is no such file, when it is empty, or none of CSV. */
  static async open(files: Files, fileId: string, { encoding: given, maxRowBytes, ...form }: GivenSource): Promise<CsvSource> {
    const file = await files.find(fileId);
    if (!file) throw new NonRetryableError(`expected the id of a stored file, got: ${fileId}; upload it with POST /files first`, { code: 'unknown_file' });
    const begin = await head(await files.read(fileId));
    const encoding = encodingByMark(begin) ?? given ?? 'utf-8';
    refuseOthers(begin);
    const dialect = sniffDialect(encoding === 'utf-8' ? begin : new Decoder(encoding).decode(begin), form);
    if (encoding === 'utf-8' && file.size <= dialect.begin.offset)
      throw new NonRetryableError(`expected a CSV file, got an empty one: ${file.name}`, { code: 'empty_file' });
    return new CsvSource(files, file, dialect, encoding, maxRowBytes);
  }

  /**
   * All rows of the file in its order, some at a time (a step of an async generator costs more than a row). Says after
   * each chunk how many bytes of the file are read. Gives the event loop a turn every few milliseconds, however much a
   * chunk holds. Rejects with the signal's reason as soon as that fires, even while it waits for the store.
   */
  async *rows(job: Pick<JobContext, 'signal'>, onRead: (bytes: number) => void): AsyncGenerator<CsvRow[]> {
    let begin: Dialect['begin'] | undefined = this.dialect.begin;
    let turn = performance.now();
    while (begin) {
      const reader: CsvReader = new CsvReader(this.dialect, this.maxRowBytes, begin);
      for await (const slices of this.slices(reader, begin.offset, job.signal, onRead)) {
        for (const rows of slices) {
          yield rows;
          if (performance.now() - turn < TURN_MS) continue;
          await nextTurn();
          job.signal.throwIfAborted();
          turn = performance.now();
        }
        if (reader.rewind) break;
      }
      begin = reader.rewind;
    }
  }

  /** What the reader makes of each chunk from `offset` on, and of the end. */
  private async *slices(reader: CsvReader, offset: number, signal: AbortSignal, onRead: (bytes: number) => void): AsyncGenerator<Iterable<CsvRow[]>> {
    const { encoding } = this;
    const place = encoding === 'utf-8' ? { source: offset, decoded: offset } : this.#places.before(offset);
    const content = addAbortSignal(signal, await this.files.read(this.file.id, place.source));
    const bytes = counted(content, place.source, onRead);
    try {
      for await (const chunk of encoding === 'utf-8' ? bytes : decoding(bytes, encoding, this.#places, place, offset)) yield reader.read(chunk);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      content.destroy();
    }
    yield reader.end();
  }
}

async function* counted(content: Readable, before: number, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = before;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    yield chunk;
    bytes += chunk.length;
    onRead(bytes);
  }
}

async function head(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
