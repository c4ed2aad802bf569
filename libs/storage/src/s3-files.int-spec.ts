import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { freshDatabase, type FreshDatabase } from '../../../test/support/index.js';
import { storageConfig } from './storage.config.js';
import { StoredFiles } from './stored-files.js';
import { FakeS3 } from './testing/fake-s3.js';

const ABOUT = { name: 'a.csv', mediaType: 'text/csv' };
const KEYS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_EC2_METADATA_DISABLED: 'true' };

describe('StoredFiles in an S3-compatible store', () => {
  const s3 = new FakeS3();
  const before = { ...process.env };
  let database: FreshDatabase;
  let dataSource: DataSource;
  let files: StoredFiles;

  beforeAll(async () => {
    Object.assign(process.env, KEYS);
    database = await freshDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    files = await StoredFiles.open(dataSource, storageConfig({ FILES_S3_BUCKET: 'files', FILES_S3_ENDPOINT: await s3.listen(), FILES_MAX_BYTES: '50000000' }));
  });
  afterEach(() => {
    expect([...s3.uploads]).toEqual([]);
    s3.log.length = 0;
  });
  afterAll(async () => {
    for (const name of Object.keys(KEYS)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    await dataSource.destroy();
    await database.drop();
    await s3.close();
  });

  function* chunks(bytes: Buffer, failAfter = Infinity): Generator<Buffer> {
    for (let start = 0; start < bytes.length; start += 64 * 1024) {
      if (start >= failAfter) throw new Error('the client went away');
      yield bytes.subarray(start, start + 64 * 1024);
    }
  }

  it('gives back what it was given, whole and from the middle, and removes it', async () => {
    const content = randomBytes(1_000);
    const file = await files.save(Readable.from(chunks(content)), ABOUT);
    expect((await buffer(await files.read(file.id))).equals(content)).toBe(true);
    expect((await buffer(await files.read(file.id, 10, 19))).equals(content.subarray(10, 20))).toBe(true);
    expect((await buffer(await files.read(file.id, 990))).equals(content.subarray(990))).toBe(true);
    await files.remove(file.id);
    expect(s3.objects.size).toBe(0);
  });

  it('stores content of unknown length in parts', async () => {
    const content = randomBytes(20_000_000);
    const file = await files.save(Readable.from(chunks(content)), ABOUT);
    expect(s3.log.filter((line) => line === 'PUT ?partNumber')).toHaveLength(3);
    expect((await buffer(await files.read(file.id))).equals(content)).toBe(true);
    await files.remove(file.id);
  });

  it('stores an empty file', async () => {
    const file = await files.save(Readable.from([]), ABOUT);
    expect(await buffer(await files.read(file.id))).toHaveLength(0);
    await files.remove(file.id);
  });

  it.each([100_000, 18_000_000])('keeps nothing of content that is cut after %d bytes, not even parts', async (failAfter) => {
    const saving = files.save(Readable.from(chunks(randomBytes(20_000_000), failAfter)), ABOUT);
    await expect(saving).rejects.toThrow('the client went away');
    expect(s3.objects.size).toBe(0);
  });

  it('keeps nothing when the store refuses a part, and lets go of the content', async () => {
    s3.failingParts = 1;
    const content = Readable.from(chunks(randomBytes(20_000_000)));
    await expect(files.save(content, ABOUT)).rejects.toMatchObject({ name: 'InvalidPart' });
    expect(content.destroyed).toBe(true);
    expect(s3.objects.size).toBe(0);
  });
});
