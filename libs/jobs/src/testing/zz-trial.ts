import 'reflect-metadata';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { StoredFiles } from '@app/storage';
import { CsvImport } from '../csv-import.job.js';

const [, , url, path, mode = 'create', repeat = '1'] = process.argv;
const dataSource = await new DataSource({ type: 'postgres', url: url! }).initialize();
const directory = await mkdtemp('/tmp/fj/files-');
const files = await StoredFiles.open(dataSource, { directory, maxBytes: 5e9 });
let peak = 0;
let peakHeap = 0;
const timer = setInterval(() => {
  const m = process.memoryUsage();
  peak = Math.max(peak, m.rss);
  peakHeap = Math.max(peakHeap, m.heapUsed);
}, 20);
let t = Date.now();
const file = await files.save(createReadStream(path!, { highWaterMark: 65536 }), { name: 'big.csv', mediaType: 'text/csv' });
console.log('stored', file.size, Date.now() - t, 'ms', 'peak rss MB', Math.round(peak / 1e6));
for (let i = 0; i < Number(repeat); i++) {
  t = Date.now();
  const result = await dataSource.transaction(async (em) => {
    const job: any = {
      id: randomUUID(),
      idempotencyKey: randomUUID(),
      fence: 1,
      attempt: 1,
      signal: new AbortController().signal,
      progress: () => {},
      log: console.log,
      transaction: (w: any) => w(em),
    };
    return new CsvImport(files, dataSource).run({ fileId: file.id, table: 'big', header: true, mode, maxBadRows: 10000 } as any, job);
  });
  console.log(
    result.rows,
    result.badRows,
    result.columns.map((c) => c.type).join(),
    Date.now() - t,
    'ms',
    'peak rss MB',
    Math.round(peak / 1e6),
    'heap',
    Math.round(peakHeap / 1e6),
  );
}
clearInterval(timer);
await dataSource.destroy();
await rm(directory, { recursive: true });
