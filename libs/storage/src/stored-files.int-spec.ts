import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { freshDatabase, type FreshDatabase } from '../../../test/support/index.js';
import { FileTooLargeError } from './meter.js';
import { StoredFiles } from './stored-files.js';

const ABOUT = { name: 'a.csv', mediaType: 'text/csv' };

describe('StoredFiles', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let directory: string;
  let files: StoredFiles;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    directory = await mkdtemp(join(tmpdir(), 'longhaul-files-'));
    files = await StoredFiles.open(dataSource, { directory, maxBytes: 1_000_000, quotaBytes: 0, minFreeBytes: 0 });
  });
  afterEach(async () => {
    for (const { id } of await dataSource.query<{ id: string }[]>('select id from longhaul.files')) await files.remove(id);
    expect(await contents()).toEqual([]);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  async function contents(): Promise<string[]> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  /** Content that fails after its first bytes. */
  function cut(): Readable {
    return Readable.from(
      (function* () {
        yield randomBytes(100_000);
        throw new Error('the client went away');
      })(),
    );
  }

  it('gives back what it was given, whole and from the middle', async () => {
    const content = randomBytes(300_000);
    const file = await files.save(Readable.from([content.subarray(0, 7), content.subarray(7)]), ABOUT);
    expect(file).toEqual({
      id: file.id,
      name: 'a.csv',
      mediaType: 'text/csv',
      size: 300_000,
      sha256: createHash('sha256').update(content).digest('hex'),
      createdAt: expect.any(Date) as Date,
    });
    expect(await files.find(file.id)).toEqual(file);
    expect((await buffer(await files.read(file.id))).equals(content)).toBe(true);
    expect((await buffer(await files.read(file.id, 299_990))).equals(content.subarray(299_990))).toBe(true);
    expect((await buffer(await files.read(file.id, 5, 9))).equals(content.subarray(5, 10))).toBe(true);
    expect(await buffer(await files.read(file.id, 300_000))).toHaveLength(0);
  });

  it('refuses to open in a folder that cannot be written, and names the variable', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const opened = StoredFiles.open(dataSource, { directory: join(file, 'below'), maxBytes: 1, quotaBytes: 0, minFreeBytes: 0 });
    await expect(opened).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining('FILES_DIR') });
    await rm(file);
  });

  it('stores an empty file', async () => {
    const file = await files.save(Readable.from([]), ABOUT);
    expect(file.size).toBe(0);
    expect(await buffer(await files.read(file.id))).toHaveLength(0);
  });

  it('keeps nothing of content that is cut short', async () => {
    await expect(files.save(cut(), ABOUT)).rejects.toThrow('the client went away');
    expect(await contents()).toEqual([]);
  });

  it('keeps nothing of content that is too large', async () => {
    await expect(files.save(Readable.from([Buffer.alloc(999_999), Buffer.alloc(2)]), ABOUT)).rejects.toThrow(FileTooLargeError);
    expect(await contents()).toEqual([]);
    expect((await files.save(Readable.from([Buffer.alloc(1_000_000)]), ABOUT)).size).toBe(1_000_000);
  });

  it('keeps nothing when it is stopped', async () => {
    const abort = new AbortController();
    const endless = new Readable({ read() {} });
    endless.push('x');
    const saving = files.save(endless, { ...ABOUT, signal: abort.signal });
    abort.abort(new Error('stopped'));
    await expect(saving).rejects.toThrow('stopped');
    expect(endless.destroyed).toBe(true);
  });

  it('keeps nothing when the row cannot be written', async () => {
    await dataSource.query('alter table longhaul.files rename to hidden');
    try {
      await expect(files.save(Readable.from(['x']), ABOUT)).rejects.toThrow(/does not exist/);
      expect(await contents()).toEqual([]);
    } finally {
      await dataSource.query('alter table longhaul.hidden rename to files');
    }
  });

  it('stores one file for one key, whoever repeats it, even at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, (_, index) => files.save(Readable.from([`content ${index}`]), { ...ABOUT, key: 'job/csv' })));
    expect(new Set(all.map((file) => file.id)).size).toBe(1);
    expect(await contents()).toHaveLength(1);
    const late = Readable.from(['x'.repeat(100_000)]);
    expect(await files.save(late, { ...ABOUT, key: 'job/csv' })).toEqual(all[0]);
    expect(late.readableEnded).toBe(true);
  });

  it('knows no file by anything but its id', async () => {
    expect(await files.find('../../etc/passwd')).toBeUndefined();
    await expect(files.read('../../etc/passwd')).rejects.toThrow(/expected the id of a stored file/);
    await expect(files.read('01890000-0000-7000-8000-000000000000')).rejects.toThrow(/expected the id of a stored file/);
  });

  it('removes, when it starts, what an upload left that was killed a day ago, and nothing else', async () => {
    const file = await files.save(Readable.from(['x']), ABOUT);
    const [old, fresh] = ['old.part', 'fresh.part'].map((name) => join(directory, name)) as [string, string];
    for (const path of [old, fresh]) await writeFile(path, 'half');
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await utimes(old, yesterday, yesterday);
    await StoredFiles.open(dataSource, { directory, maxBytes: 1, quotaBytes: 0, minFreeBytes: 0 });
    expect((await contents()).sort()).toEqual([file.id, 'fresh.part'].sort());
    await rm(fresh);
  });

  describe('has an end (E17):', () => {
    const limited = (limits: { quotaBytes?: number; minFreeBytes?: number }) =>
      StoredFiles.open(dataSource, { directory, maxBytes: 100_000_000, quotaBytes: 0, minFreeBytes: 0, ...limits });

    it('past the quota a file is refused, and room comes back with what is removed', async () => {
      const quota = await limited({ quotaBytes: 250_000 });
      const first = await quota.save(Readable.from([randomBytes(200_000)]), ABOUT);
      await expect(quota.save(Readable.from([randomBytes(10)]), { ...ABOUT, expectedBytes: 100_000 })).rejects.toMatchObject({
        name: 'NoRoomError',
        limit: 'FILES_QUOTA_BYTES',
      });
      await quota.save(Readable.from([randomBytes(50_000)]), ABOUT);
      await expect(quota.save(Readable.from([randomBytes(10)]), ABOUT)).rejects.toMatchObject({ limit: 'FILES_QUOTA_BYTES' });
      expect(await quota.remove(first.id)).toBe(true);
      await quota.save(Readable.from([randomBytes(10)]), ABOUT);
    });

    it('a file that does not say its size is cut when the quota is used up on the way', async () => {
      const quota = await limited({ quotaBytes: 20_000_000 });
      const endless = Readable.from(
        (function* () {
          for (;;) yield randomBytes(1_000_000);
        })(),
      );
      await expect(quota.save(endless, ABOUT)).rejects.toMatchObject({ limit: 'FILES_QUOTA_BYTES' });
      expect(endless.destroyed).toBe(true);
    });

    it('a disk with less than its floor free takes nothing', async () => {
      const full = await limited({ minFreeBytes: Number.MAX_SAFE_INTEGER });
      await expect(full.save(Readable.from([randomBytes(10)]), ABOUT)).rejects.toMatchObject({ name: 'NoRoomError', limit: 'FILES_MIN_FREE_BYTES' });
    });

    it('files past their age are removed with their content, others stay', async () => {
      const [old, young] = [await files.save(Readable.from(['old']), ABOUT), await files.save(Readable.from(['young']), ABOUT)];
      const agedId = `00000000-0001-7000-8000-0000000000${old.id.slice(-2)}`;
      await rename(join(directory, old.id.slice(-2), old.id), join(directory, old.id.slice(-2), agedId));
      await dataSource.query(`update longhaul.files set id = $2, created_at = now() - interval '2 days' where id = $1`, [old.id, agedId]);
      expect(await files.prune(null, 10)).toBe(0);
      expect(await files.prune(86_400, 10)).toBe(1);
      expect(await contents()).toEqual([young.id]);
    });

    it('content whose row is gone is removed after a day, and only that', async () => {
      const kept = await files.save(Readable.from(['kept']), ABOUT);
      const orphan = '00000000-0001-7000-8000-0000000000ab';
      await mkdir(join(directory, 'ab'), { recursive: true });
      await writeFile(join(directory, 'ab', orphan), 'left by a crash');
      for (let folder = 0; folder < 256; folder++) await files.prune(null, 10);
      expect(await contents()).toEqual([kept.id]);
    });
  });
});
