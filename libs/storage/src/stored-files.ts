import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isUuid, uuidv7 } from '@app/core';
import { Files, type StoredFile } from '@app/sdk';
import type { DataSource } from 'typeorm';
import { type FilesDisk, openDisk } from './disk.js';
import { cleanFileName, cleanMediaType } from './file-name.js';
import { Meter } from './meter.js';
import type { StorageConfig } from './storage.config.js';

interface FileRow {
  id: string;
  name: string;
  media_type: string;
  size: string;
  sha256: string;
  created_at: Date;
}

const COLUMNS = 'id, name, media_type, size, sha256, created_at';

/**
 * `Files` on a disk (a local folder or an S3-compatible store) and table `files`. The content is durable before its
 * row is written, so a row never names a file that is not there; a file is found only by its row.
 */
export class StoredFiles extends Files {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly disk: FilesDisk,
    /** The largest file that is taken. */
    readonly maxBytes: number,
  ) {
    super();
  }

  /** On a database that has table `files`. Makes the local folder when it is missing. */
  static async open(dataSource: DataSource, config: StorageConfig): Promise<StoredFiles> {
    return new StoredFiles(dataSource, await openDisk(config), config.maxBytes);
  }

  /**
   * Rejects with `FileTooLargeError` past the limit, with the content's own error when it is cut short, with
   * `signal.reason` when that fires; nothing is left behind then. `content` is always read to its end or destroyed.
   */
  async save(content: Readable, about: { name: string; mediaType: string; key?: string; signal?: AbortSignal }): Promise<StoredFile> {
    const earlier = about.key === undefined ? undefined : await this.findByKey(about.key);
    if (earlier) {
      await pipeline(content, discard, about.signal ? { signal: about.signal } : {});
      return earlier;
    }
    const id = uuidv7();
    const meter = new Meter(this.maxBytes);
    await this.store(id, content, meter, about.signal);
    return this.describe({ id, size: meter.bytes, sha256: meter.sha256(), ...about });
  }

  async find(id: string): Promise<StoredFile | undefined> {
    if (!isUuid(id)) return undefined;
    const rows = await this.dataSource.query<FileRow[]>(`/* file:find */ select ${COLUMNS} from files where id = $1`, [id]);
    return rows[0] && fromRow(rows[0]);
  }

  /** Bytes `start` to `end`, both included. Rejects when there is no such file; empty when `start` is at its end or beyond. */
  async read(id: string, start = 0, end?: number): Promise<Readable> {
    const file = await this.find(id);
    if (!file) throw new Error(`expected the id of a stored file, got: ${JSON.stringify(id)}`);
    if (start >= file.size) return Readable.from([]);
    return this.disk.driver.getRange(placeOf(id), start, end);
  }

  /** Forgets the file, then removes its content. Removing what is not there is no error. */
  async remove(id: string): Promise<void> {
    if (!isUuid(id)) return;
    await this.dataSource.query('/* file:remove */ delete from files where id = $1', [id]);
    await this.disk.disk.delete(placeOf(id));
  }

  private async findByKey(key: string): Promise<StoredFile | undefined> {
    const rows = await this.dataSource.query<FileRow[]>(`/* file:find-by-key */ select ${COLUMNS} from files where key = $1`, [key]);
    return rows[0] && fromRow(rows[0]);
  }

  private async store(id: string, content: Readable, meter: Meter, signal: AbortSignal | undefined): Promise<void> {
    const fed = pipeline(content, meter, signal ? { signal } : {});
    const kept = this.disk.driver.putStream(placeOf(id), meter).catch((error: unknown) => {
      meter.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
    const [feeding, keeping] = await Promise.allSettled([fed, kept]);
    if (feeding.status === 'fulfilled' && keeping.status === 'fulfilled') return;
    if (keeping.status === 'fulfilled') await this.disk.disk.delete(placeOf(id));
    if (signal?.aborted) throw signal.reason;
    const reasons = [keeping, feeding].flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    throw reasons.find((reason) => !isConsequence(reason)) ?? reasons.at(-1);
  }

  /** Writes the row of content that is already durable; where another save with the same key was first, its file wins. */
  private async describe(file: { id: string; name: string; mediaType: string; size: number; sha256: string; key?: string }): Promise<StoredFile> {
    const { id, size, sha256, key = null } = file;
    try {
      const rows = await this.dataSource.query<FileRow[]>(
        `/* file:insert */ insert into files (id, name, media_type, size, sha256, key) values ($1, $2, $3, $4, $5, $6)
         on conflict (key) do nothing returning ${COLUMNS}`,
        [id, cleanFileName(file.name), cleanMediaType(file.mediaType), size, sha256, key],
      );
      if (rows[0]) return fromRow(rows[0]);
    } catch (error) {
      return this.settleInsert(id, error);
    }
    await this.disk.disk.delete(placeOf(id));
    const first = key === null ? undefined : await this.findByKey(key);
    if (!first) throw new Error(`expected the file with key ${JSON.stringify(key)} that another save stored, got none: it was removed meanwhile, try again`);
    return first;
  }

  /**
   * The INSERT failed. When PostgreSQL itself answered so, there is no row and the content goes too. When the connection
   * broke the row may be there: ask. If that fails as well the content stays, for a row without content would be worse.
   */
  private async settleInsert(id: string, error: unknown): Promise<StoredFile> {
    const answered = error instanceof Error && 'severity' in error;
    if (!answered) {
      const written = await this.find(id).catch(() => {
        throw error;
      });
      if (written) return written;
    }
    await this.disk.disk.delete(placeOf(id)).catch(() => undefined);
    throw error;
  }
}

/** Spread over 256 folders by the id's last two digits, which are random in a UUIDv7. */
function placeOf(id: string): string {
  return `${id.slice(-2).toLowerCase()}/${id.toLowerCase()}`;
}

/** What one end of a pipe throws when the other end has failed. */
function isConsequence(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'));
}

async function discard(source: AsyncIterable<unknown>): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  while (!(await chunks.next()).done);
}

function fromRow(row: FileRow): StoredFile {
  return {
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    size: Number(row.size),
    sha256: row.sha256,
    createdAt: row.created_at,
  };
}
