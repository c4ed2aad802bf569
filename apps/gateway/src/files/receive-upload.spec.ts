import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { StoredFile } from '@app/sdk';
import type { StoredFiles } from '@app/storage';
import { fastify } from 'fastify';
import { receiveUpload } from './receive-upload.js';

const SILENT_MS = 50;

/** A server whose store takes what `save` takes; `upload` begins one of 100 bytes. */
async function server(save: (content: Readable) => Promise<StoredFile>) {
  const app = fastify();
  app.decorateRequest('isMultipart', () => false);
  app.addContentTypeParser('text/csv', (_request, body, done) => done(null, body));
  app.post('/files', (request) =>
    receiveUpload(request, { save, maxBytes: 1_000 } as unknown as StoredFiles, 'x.csv', () => request.raw.socket.destroy(), { bytes: 1, ms: SILENT_MS }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const upload = (): Socket => {
    const client = connect(port, '127.0.0.1').on('error', () => undefined).resume(); // prettier-ignore
    client.write('POST /files HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\na,b,c\n1,2,');
    return client;
  };
  return { app, upload };
}

async function sizeOf(content: Readable): Promise<StoredFile> {
  let size = 0;
  for await (const chunk of content) size += (chunk as Buffer).length;
  return { size } as StoredFile;
}

describe('an upload', () => {
  test('on which nothing comes any more is cut off, for its client may be gone without a word (E11)', async () => {
    const { app, upload } = await server(sizeOf);
    await once(upload(), 'close');
    await app.close();
  });

  test('that waits for a slow store is not taken for silent', async () => {
    let saves = 0;
    let goOn: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (goOn = resolve));
    const { app, upload } = await server(async (content) => {
      if (++saves === 1) await slow;
      return sizeOf(content);
    });
    const patient = upload();
    await once(app.server, 'request');
    // Two that begin later and fall silent are cut off, one after the other.
    await once(upload(), 'close');
    await once(upload(), 'close');
    expect(patient.destroyed).toBe(false);
    goOn();
    patient.write('3'.repeat(90));
    const [answer] = (await once(patient, 'data')) as [Buffer];
    expect(answer.toString()).toContain('{"size":100}');
    patient.destroy();
    await app.close();
  });
});
