import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_TENANT, inSchema, isUuid, ofTenant, schemaOf, type Sees, uuidv7 } from '@app/core';
import { Files, type StoredFile } from '@app/sdk';
import type { DataSource } from 'typeorm';
import { openDriver } from './disk.js';
import type { FilesDriver } from './files-driver.js';
import { cleanFileName, cleanMediaType } from './file-name.js';
import { Meter } from './meter.js';
import { Orphans } from './orphans.js';
import { NoRoomError, Room } from './room.js';
import { RoomOfTenant, type TakeBytes } from './room-of-tenant.js';
import type { StorageConfig } from './storage.config.js';

interface FileRow {
  id: string;
  name: string;
  media_type: string;
  size: string;
  sha256: string;
  created_at: Date;
}

/** What is said of a file that is saved. */
export interface SavedFile {
  name: string;
  mediaType: string;
  /** Within its tenant. */
  key?: string;
  signal?: AbortSignal;
  expectedBytes?: number;
  /** Whose it is; left out, the default tenant's. */
  tenant?: string;
}

interface NewFile extends Pick<StoredFile, 'id' | 'name' | 'mediaType' | 'size' | 'sha256'> {
  tenant: string;
  /** With its tenant, for it is unique over all. */
  key: string | null;
}

/** The lowest UUIDv7 of the moment $1 seconds ago. The index of the primary key then finds older files without reading the others. */
const ID_BEFORE = `(lpad(to_hex(greatest(0, (extract(epoch from now()) - $1::float8) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;

/** How long content that is refused at once is read and dropped; then it is destroyed. */
const READ_AWAY_MS = 5_000;

const COLUMNS = 'id, name, media_type, size, sha256, created_at';

/**
 * `Files` in a local folder or an S3-compatible store, and in table `files`. The content is durable before its row is
 * written, so each row has its content; a file is found only by its row.
 */
export class StoredFiles extends Files {
  private readonly orphans: Orphans;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly driver: FilesDriver,
    /** The size limit of a file. */
    readonly maxBytes: number,
    private readonly room: Room,
    private readonly takeBytes: TakeBytes,
  ) {
    super();
    this.orphans = new Orphans(driver, (ids) => this.known(ids));
  }

  /** Opens the store. The database must have table `files`. Makes the local folder when it is missing. `takeBytes`: out of the quotas of tenants; left out, they have none. */
  static async open(dataSource: DataSource, config: StorageConfig, takeBytes: TakeBytes = () => undefined): Promise<StoredFiles> {
    const storedBytes = async () => {
      const [row] = await queryOf<{ bytes: string }[]>(dataSource, '/* file:stored-bytes */ select coalesce(sum(size), 0) as bytes from lh.files');
      return Number(row?.bytes);
    };
    const room = new Room({ ...config, directory: config.s3 ? null : config.directory, storedBytes });
    return new StoredFiles(dataSource, await openDriver(config), config.maxBytes, room, takeBytes);
  }

  /**
   * Rejects with `FileTooLargeError` above the limit, with `NoRoomError` when the quota is used up or the disk is nearly full, with the content's
   * own error when it is cut short, and with `signal.reason` when that fires. Nothing is left behind then. `content` is always read to its end
   * or destroyed.
   */
  async save(content: Readable, about: SavedFile): Promise<StoredFile> {
    const { tenant = DEFAULT_TENANT } = about;
    const key = about.key === undefined ? undefined : ofTenant(tenant, about.key);
    const earlier = key === undefined ? undefined : await this.findByKey(key);
    if (earlier) {
      await pipeline(content, discard, about.signal ? { signal: about.signal } : {});
      return earlier;
    }
    const id = uuidv7();
    let quota: RoomOfTenant | undefined;
    const room = await this.room.begin(about.expectedBytes ?? 0).catch(readingAway(content));
    let stored = false;
    try {
      quota = await RoomOfTenant.begin(tenant, about.expectedBytes ?? 0, this.takeBytes).catch(readingAway(content));
      const meter = new Meter(this.maxBytes, room, quota);
      await this.store(id, content, meter, about.signal);
      room.end();
      const file = { id, size: meter.bytes, sha256: meter.sha256(), name: about.name, mediaType: about.mediaType, tenant, key: key ?? null };
      const described = await this.describe(file);
      stored = described.id === id;
      return described;
    } catch (error) {
      throw isFull(error) ? new NoRoomError('FILES_MIN_FREE_BYTES', 'expected room on the disk, got none: remove files, or make some') : error;
    } finally {
      room.end();
      quota?.end(stored);
      this.room.forget();
    }
  }

  /** Undefined also for a file of another tenant than `sees` names; left out, all are seen. */
  async find(id: string, sees: Sees = null): Promise<StoredFile | undefined> {
    if (!isUuid(id)) return undefined;
    const rows = await this.query<FileRow[]>(`/* file:find */ select ${COLUMNS} from lh.files where id = $1 and ($2::text is null or tenant = $2::text)`, [
      id,
      sees,
    ]);
    return rows[0] && fromRow(rows[0]);
  }

  /** Bytes `start` to `end`, both included. Rejects when there is no such file; empty when `start` is at its end or beyond. */
  async read(id: string, start = 0, end?: number, sees: Sees = null): Promise<Readable> {
    const file = await this.find(id, sees);
    if (!file) throw new Error(`expected the id of a stored file, got: ${JSON.stringify(id)}`);
    if (start >= file.size) return Readable.from([]);
    return this.driver.getRange(placeOf(id), start, end);
  }

  /**
   * Deletes the file's row, then its content; a crash in between leaves content that {@link prune} finds. Resolves with false when there is no
   * such file.
   */
  async remove(id: string, sees: Sees = null): Promise<boolean> {
    if (!isUuid(id)) return false;
    const [, removed] = await this.query<[{ id: string }[], number]>(
      '/* file:remove */ delete from lh.files where id = $1 and ($2::text is null or tenant = $2::text) returning id',
      [id, sees],
    );
    // Content without a row may be left over; what another tenant has must stay.
    if (removed > 0 || sees === null) await this.driver.delete(placeOf(id));
    this.room.forget();
    return removed > 0;
  }

  /**
   * Removes up to `limit` files that are older than so many seconds (null: none), and searches one of 256 folders for content without a
   * row. Skips locked rows, so that any number of processes may do this at once. Resolves with the number of removed files.
   */
  async prune(seconds: number | null, limit: number): Promise<number> {
    let removed: { id: string }[] = [];
    if (seconds !== null) {
      [removed] = await this.query<[{ id: string }[], number]>(
        `/* file:prune */ delete from lh.files where id = any (array(
           select id from lh.files where id < ${ID_BEFORE} and created_at < now() - $1::float8 * interval '1 second' order by id limit $2 for update skip locked
         )) returning id`,
        [seconds, limit],
      );
      for (const { id } of removed) await this.driver.delete(placeOf(id));
      if (removed.length > 0) this.room.forget();
    }
    await this.orphans.sweep();
    return removed.length;
  }

  private query<Result>(text: string, values: unknown[]): Promise<Result> {
    return queryOf<Result>(this.dataSource, text, values);
  }

  private async known(ids: string[]): Promise<Set<string>> {
    const rows = await this.query<{ id: string }[]>('/* file:known */ select id from lh.files where id = any ($1::uuid[])', [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  private async findByKey(key: string): Promise<StoredFile | undefined> {
    const rows = await this.query<FileRow[]>(`/* file:find-by-key */ select ${COLUMNS} from lh.files where key = $1`, [key]);
    return rows[0] && fromRow(rows[0]);
  }

  private async store(id: string, content: Readable, meter: Meter, signal: AbortSignal | undefined): Promise<void> {
    const fed = pipeline(content, meter, signal ? { signal } : {});
    const kept = this.driver.putStream(placeOf(id), meter).catch((error: unknown) => {
      meter.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
    const [feeding, keeping] = await Promise.allSettled([fed, kept]);
    if (feeding.status === 'fulfilled' && keeping.status === 'fulfilled') return;
    if (keeping.status === 'fulfilled') await this.driver.delete(placeOf(id));
    if (signal?.aborted) throw signal.reason;
    const reasons = [keeping, feeding].flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    throw reasons.find((reason) => !isConsequence(reason)) ?? reasons.at(-1);
  }

  /** Writes the row of content that is already durable. When another save with the same key was first, its file is returned. */
  private async describe(file: NewFile): Promise<StoredFile> {
    const { id, size, sha256, key, tenant } = file;
    try {
      const rows = await this.query<FileRow[]>(
        `/* file:insert */ insert into lh.files (id, name, media_type, size, sha256, key, tenant) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (key) do nothing returning ${COLUMNS}`,
        [id, cleanFileName(file.name), cleanMediaType(file.mediaType), size, sha256, key, tenant],
      );
      if (rows[0]) return fromRow(rows[0]);
    } catch (error) {
      return this.settleInsert(id, error);
    }
    await this.driver.delete(placeOf(id));
    const first = key === null ? undefined : await this.findByKey(key);
    if (!first) throw new Error(`expected the file with key ${JSON.stringify(key)} that another save stored, got none: it was removed meanwhile, try again`);
    return first;
  }

  /**
   * Cleans up after a failed INSERT. When PostgreSQL itself answered with the error, there is no row and the content is removed too. When the
   * connection broke, the row may exist, so this asks for it. If that fails as well, the content stays: a row without content would be worse.
   */
  private async settleInsert(id: string, error: unknown): Promise<StoredFile> {
    const answered = error instanceof Error && 'severity' in error;
    if (!answered) {
      const written = await this.find(id).catch(() => {
        throw error;
      });
      if (written) return written;
    }
    await this.driver.delete(placeOf(id)).catch(() => undefined);
    throw error;
  }
}

function queryOf<Result>(dataSource: DataSource, text: string, values: unknown[] = []): Promise<Result> {
  return dataSource.query<Result>(inSchema(schemaOf(dataSource), text), values);
}

/** Content for which there is no room is read away for a while: if it is a request, its sender could not read the answer otherwise. */
function readingAway(content: Readable): (error: unknown) => never {
  return (error) => {
    const cut = setTimeout(() => content.destroy(), READ_AWAY_MS);
    content.once('close', () => clearTimeout(cut));
    content.on('error', () => undefined);
    content.resume();
    throw error;
  };
}

/** The key of a file's content. The last two digits of a UUIDv7 are random, and spread the files over 256 folders. */
function placeOf(id: string): string {
  return `${id.slice(-2).toLowerCase()}/${id.toLowerCase()}`;
}

/** Whether the disk is full, or a quota of the operating system is used up. */
function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown } | null)?.code));
}

/** Whether this is only the error of one end of a pipe after the other end has failed. */
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
