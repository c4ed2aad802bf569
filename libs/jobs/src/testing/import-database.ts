import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Handles } from '@app/sdk';
import { testJob, type TestOptions } from '@app/sdk/testing';
import { DEFAULT_FILES_MAX_BYTES, StoredFiles } from '@app/storage';
import { DataSource } from 'typeorm';
import { freshDatabase } from '../../../../test/support/index.js';

/** What a job's constructor wants here: the files and the database. */
type Handler<Payload, Result> = new (files: StoredFiles, dataSource: DataSource) => Handles<Payload, Result>;

/** A real database and a real folder of files, for one test file. */
export class ImportDatabase {
  private constructor(
    readonly dataSource: DataSource,
    readonly files: StoredFiles,
    private readonly remove: () => Promise<void>,
  ) {}

  static async open(): Promise<ImportDatabase> {
    const database = await freshDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'longhaul-files-'));
    const dataSource = await new DataSource({ type: 'postgres', url: database.url, extra: { max: 30 } }).initialize();
    const files = await StoredFiles.open(dataSource, { directory, maxBytes: DEFAULT_FILES_MAX_BYTES, quotaBytes: 0, minFreeBytes: 0 });
    return new ImportDatabase(dataSource, files, async () => {
      await dataSource.destroy();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    });
  }

  async close(): Promise<void> {
    await this.remove();
  }

  /** Stores a file and returns its id. */
  async store(content: string | Buffer | Readable, name = 'test.csv'): Promise<string> {
    const stream = content instanceof Readable ? content : Readable.from([Buffer.from(content)]);
    return (await this.files.save(stream, { name, mediaType: 'text/csv' })).id;
  }

  /** Stores one of the CSV files of the package vega-datasets. */
  async storeVega(name: string): Promise<string> {
    return this.store(await readFile(join(import.meta.dirname, '../../../../node_modules/vega-datasets/data', name)), name);
  }

  async read(fileId: string): Promise<string> {
    return text(await this.files.read(fileId));
  }

  async rows<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql);
  }

  /** Runs the handler as a worker does: what it writes in its transaction is committed when it returns, and only then. */
  async run<Payload extends object, Result>(
    handler: Handler<Payload, Result>,
    payload: { [Field in keyof Payload]?: Payload[Field] },
    options: TestOptions = {},
  ) {
    return this.dataSource.transaction((transaction) =>
      testJob(handler, this.files, this.dataSource).run(payload, { transaction, id: randomUUID(), ...options }),
    );
  }
}
