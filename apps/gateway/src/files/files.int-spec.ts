import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@app/core';
import { LONGHAUL_DATA_SOURCE } from '@app/sdk';
import { STORAGE_CONFIG } from '@app/storage';
import { Controller, Global, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { freshDatabase, type FreshDatabase, waitFor } from '../../../../test/support/index.js';
import { acceptJson } from '../http/accept-json.js';
import { ProblemFilter } from '../http/problem.filter.js';
import type { FileView } from '@app/contracts';
import { FilesModule } from './files.module.js';
import { registerUploads } from './uploads.js';

const MAX_BYTES = 3_000_000;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as Logger;

@Controller('other')
class OtherController {
  @Post()
  take(): string {
    return 'taken';
  }
}

describe('/files', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let directory: string;
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    directory = await mkdtemp(join(tmpdir(), 'longhaul-files-'));

    const providers = [
      { provide: LONGHAUL_DATA_SOURCE, useValue: dataSource },
      { provide: STORAGE_CONFIG, useValue: { directory, maxBytes: MAX_BYTES, quotaBytes: 0, minFreeBytes: 0 } },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class DatabaseModule {}

    @Module({
      imports: [DatabaseModule, FilesModule],
      controllers: [OtherController],
    })
    class TestModule {}

    app = await NestFactory.create<NestFastifyApplication>(TestModule, new FastifyAdapter({ bodyLimit: 1_000 }), { bodyParser: false, logger: false });
    acceptJson(app.getHttpAdapter().getInstance(), 10_000);
    await registerUploads(app);
    app.useGlobalFilters(new ProblemFilter(silent));
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await app.close();
    await dataSource.destroy();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  async function stored(): Promise<number> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const [row] = await dataSource.query<{ n: number }[]>('select count(*)::int as n from longhaul.files');
    const contents = entries.filter((entry) => entry.isFile()).length;
    expect(contents).toBe(row?.n);
    return contents;
  }

  async function post(body: RequestInit['body'], headers: Record<string, string> = {}, query = ''): Promise<Response> {
    return fetch(`${url}/files${query}`, { method: 'POST', ...(body === undefined ? {} : { body }), headers, duplex: 'half' });
  }

  function form(...parts: [string, string | Buffer, string?][]): FormData {
    const data = new FormData();
    for (const [field, content, name] of parts) {
      if (name === undefined) data.append(field, content.toString());
      else data.append(field, new Blob([Uint8Array.from(Buffer.from(content))], { type: 'text/csv' }), name);
    }
    return data;
  }

  async function refused(response: Response, status: number, detail: RegExp): Promise<void> {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status, detail: expect.stringMatching(detail) as string });
    expect(response.status).toBe(status);
  }

  it('takes a form and gives the file back', async () => {
    const content = randomBytes(2_000_000);
    const response = await post(form(['note', 'x'], ['file', content, 'año €.csv'], ['after', 'y']));
    expect(response.status).toBe(201);
    const file = (await response.json()) as FileView;
    expect(file).toMatchObject({ name: 'año €.csv', mediaType: 'text/csv', size: 2_000_000, links: { content: `/files/${file.id}/content` } });
    expect(response.headers.get('location')).toBe(`/files/${file.id}`);
    expect(await (await fetch(`${url}/files/${file.id}`)).json()).toEqual(file);

    const download = await fetch(`${url}${file.links.content}`);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-type': 'text/csv',
      'content-length': '2000000',
      'content-disposition': `attachment; filename="a?o ?.csv"; filename*=UTF-8''a%C3%B1o%20%E2%82%AC.csv`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${file.sha256}"`,
    });
  });

  it('takes a raw body with a name', async () => {
    const file = (await (await post('a,b\n1,2\n', { 'content-type': 'text/csv; charset=utf-8' }, '?name=../x.csv')).json()) as FileView;
    expect(file).toMatchObject({ name: 'x.csv', mediaType: 'text/csv; charset=utf-8', size: 8 });
    const octets = (await (await post('', { 'content-type': 'application/octet-stream' })).json()) as FileView;
    expect(octets).toMatchObject({ name: 'upload', size: 0 });
    const empty = await fetch(`${url}/files/${octets.id}/content`);
    expect([empty.status, await empty.text()]).toEqual([200, '']);
  });

  it('sends the part that is asked for, and nothing that the client has', async () => {
    const file = (await (await post('0123456789', { 'content-type': 'text/csv' })).json()) as FileView;
    const content = `${url}${file.links.content}`;
    const get = async (headers: Record<string, string>, method = 'GET') => {
      const response = await fetch(content, { headers, method });
      return [response.status, response.headers.get('content-range'), response.headers.get('content-length'), await response.text()];
    };
    expect(await get({ range: 'bytes=2-4' })).toEqual([206, 'bytes 2-4/10', '3', '234']);
    expect(await get({ range: 'bytes=-2' })).toEqual([206, 'bytes 8-9/10', '2', '89']);
    expect(await get({ range: 'bytes=2-4', 'if-range': '"other"' })).toEqual([200, null, '10', '0123456789']);
    expect(await get({ range: 'bytes=2-4', 'if-range': `"${file.sha256}"` })).toEqual([206, 'bytes 2-4/10', '3', '234']);
    for (const range of [undefined, 'bytes=2-4', 'bytes=10-']) expect(await get(range === undefined ? {} : { range }, 'HEAD')).toEqual([200, null, '10', '']);
    expect((await get({ 'if-none-match': `W/"x", "${file.sha256}"` })).slice(0, 2)).toEqual([304, null]);
    const beyond = await fetch(content, { headers: { range: 'bytes=10-' } });
    expect(beyond.headers.get('content-range')).toBe('bytes */10');
    await refused(beyond, 416, /within the 10 bytes/);
  });

  it('shows a page only in a sandbox', async () => {
    const file = (await (await post('<script>', { 'content-type': 'application/octet-stream' })).json()) as FileView;
    const page = await fetch(`${url}${file.links.content}?disposition=inline`);
    expect(page.headers.get('content-disposition')).toMatch(/^inline/);
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    await page.body?.cancel();
  });

  it.each(['00000000-0000-7000-8000-000000000000', 'x', '..%2f..%2fetc%2fpasswd', '%00'])('answers 404 for the id %s', async (id) => {
    expect((await fetch(`${url}/files/${id}`)).status).toBe(404);
    expect((await fetch(`${url}/files/${id}/content`)).status).toBe(404);
  });

  it('refuses what is not one file, and keeps nothing of it', async () => {
    const before = await stored();
    await refused(await post(form(['note', 'x'])), 400, /one file in field "file" of the form, got none/);
    await refused(await post(form(['data', 'x', 'a.csv'])), 400, /got one in field "data"/);
    await refused(await post(form(['file', 'x', 'a.csv'], ['file', 'y', 'b.csv'])), 400, /got more/);
    await refused(await post('x', { 'content-type': 'multipart/form-data' }), 400, /a boundary of 1 to 70 characters/);
    await refused(
      await post('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf', { 'content-type': 'multipart/form-data; boundary=x' }),
      400,
      /well-formed multipart form/,
    );
    await refused(await post('{}', { 'content-type': 'text/html' }), 415, /./);
    await refused(await post('{}', { 'content-type': 'application/json' }), 400, /expected a body of multipart/);
    await refused(await post('x', { 'content-type': 'text/csv' }, '?name=a&name=b'), 400, /one query parameter "name"/);
    expect(await stored()).toBe(before);
  });

  it('refuses what is too large, said beforehand or not, and keeps nothing of it', async () => {
    const before = await stored();
    await refused(await post(form(['file', Buffer.alloc(MAX_BYTES + 1), 'a.csv'])), 413, /at most 3000000 bytes/);
    await refused(await post(Buffer.alloc(MAX_BYTES + 1), { 'content-type': 'text/csv' }), 413, /FILES_MAX_BYTES/);
    await refused(await post(Buffer.alloc(MAX_BYTES + 2_000_000), { 'content-type': 'text/csv' }), 413, /FILES_MAX_BYTES/);
    const unsaid = new Blob([new Uint8Array(MAX_BYTES + 1)]).stream();
    await refused(await post(unsaid, { 'content-type': 'text/csv' }), 413, /FILES_MAX_BYTES/);
    expect(await stored()).toBe(before);
  });

  it.each(['multipart/form-data; boundary=x', 'text/csv'])('keeps nothing of an upload as %s that is cut', async (contentType) => {
    const before = await stored();
    const head = contentType.startsWith('multipart') ? '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' : '';
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(`POST /files HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\ncontent-length: 1000000\r\n\r\n${head}${'x'.repeat(200_000)}`);
    const parts = async () => (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.part')).length;
    await waitFor('the upload to be on the disk in part', async () => (await parts()) === 1);
    socket.destroy();
    await waitFor('the part to be removed', async () => (await parts()) === 0);
    expect(await stored()).toBe(before);
  });

  it('leaves other routes what they take', async () => {
    const taken = await fetch(`${url}/other`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(await taken.text()).toBe('taken');
    await refused(
      await fetch(`${url}/other`, { method: 'POST', body: 'a,b', headers: { 'content-type': 'text/csv' } }),
      415,
      /expected a body of application\/json, got: text\/csv/,
    );
    await refused(await fetch(`${url}/other`, { method: 'POST', body: form(['file', 'x', 'a.csv']) }), 415, /multipart/);
  });

  test('a file is removed by its id, once, with its content (E17)', async () => {
    const { id } = (await (await post('a,b\n1,2\n', { 'content-type': 'text/csv' })).json()) as { id: string };
    const before = await stored();
    expect((await fetch(`${url}/files/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await stored()).toBe(before - 1);
    for (const gone of [id, 'nonsense']) {
      const again = await fetch(`${url}/files/${gone}`, { method: 'DELETE' });
      expect([again.status, again.headers.get('content-type')]).toEqual([404, expect.stringContaining('application/problem+json')]);
    }
    expect((await fetch(`${url}/files/${id}/content`)).status).toBe(404);
  });
});
