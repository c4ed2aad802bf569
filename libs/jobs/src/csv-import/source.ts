import { addAbortSignal, type Readable } from 'node:stream';
import { type Files, type JobContext, NonRetryableError, type StoredFile } from '@app/sdk';
import { CsvReader, type CsvRow } from './csv-reader.js';
import { type Dialect, sniffDialect } from './dialect.js';

const HEAD_BYTES = 64 * 1024;

/** A stored CSV file that can be read from its beginning as often as needed, in memory that does not grow with it. */
export class CsvSource {
  private constructor(
    private readonly files: Files,
    readonly file: StoredFile,
    readonly dialect: Dialect,
  ) {}

  /** Throws a NonRetryableError when there is no such file, when it is empty, or not in UTF-8. */
  static async open(files: Files, fileId: string, delimiter: string | undefined): Promise<CsvSource> {
    const file = await files.find(fileId);
    if (!file) throw new NonRetryableError(`expected the id of a stored file, got: ${fileId}; upload it with POST /files first`, { code: 'unknown_file' });
    const dialect = sniffDialect(await head(await files.read(fileId)), delimiter);
    if (file.size <= dialect.bomBytes) throw new NonRetryableError(`expected a CSV file, got an empty one: ${file.name}`, { code: 'empty_file' });
    return new CsvSource(files, file, dialect);
  }

  /**
   * All rows of the file in its order, as many at a time as a chunk of it has (a step of an async generator costs more
   * than a row). Says after each chunk how many bytes of the file are read.
   * Rejects with the signal's reason as soon as that fires, even while it waits for the store.
   */
  async *rows(job: Pick<JobContext, 'signal'>, onRead: (bytes: number) => void): AsyncGenerator<CsvRow[]> {
    const reader = new CsvReader(this.dialect);
    const content = addAbortSignal(job.signal, await this.files.read(this.file.id, this.dialect.bomBytes));
    let bytes: number = this.dialect.bomBytes;
    try {
      for await (const chunk of content as AsyncIterable<Buffer>) {
        yield reader.read(chunk);
        bytes += chunk.length;
        onRead(bytes);
      }
    } catch (error) {
      job.signal.throwIfAborted();
      throw error;
    } finally {
      content.destroy();
    }
    yield reader.end();
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
