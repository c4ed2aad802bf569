import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
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
    files = await StoredFiles.open(dataSource, { directory, maxBytes: 1_000_000 });
  });
  afterEach(async () => {
    for (const { id } of await dataSource.query<{ id: string }[]>('select id from files')) await files.remove(id);
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

  /** Content that ends with an error after some of it. */
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
    const opened = StoredFiles.open(dataSource, { directory: join(file, 'below'), maxBytes: 1 });
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
    await dataSource.query('alter table files rename to hidden');
    try {
      await expect(files.save(Readable.from(['x']), ABOUT)).rejects.toThrow(/does not exist/);
      expect(await contents()).toEqual([]);
    } finally {
      await dataSource.query('alter table hidden rename to files');
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
    await StoredFiles.open(dataSource, { directory, maxBytes: 1 });
    expect((await contents()).sort()).toEqual([file.id, 'fresh.part'].sort());
    await rm(fresh);
  });
});
