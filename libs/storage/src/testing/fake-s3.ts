import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** The part of S3 that files use, in memory, for tests: objects, ranges, uploads in parts. It checks no signature. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  /** Multipart uploads that are neither completed nor aborted. */
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** The answered requests, e.g. `PUT ?partNumber`. */
  readonly log: string[] = [];
  /** The first so many uploads of a part are answered with 500. */
  failingParts = 0;
  readonly #server = createServer((request, response) => {
    this.answer(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: key, searchParams } = new URL(request.url ?? '', 'http://s3');
    const body = await buffer(request);
    const uploadId = searchParams.get('uploadId') ?? '';
    this.log.push(`${request.method} ${searchParams.has('partNumber') ? '?partNumber' : uploadId || searchParams.has('uploads') ? '?uploads' : ''}`.trim());
    switch (request.method) {
      case 'POST':
        if (searchParams.has('uploads')) {
          this.begin(key, response);
          return;
        }
        {
          this.complete(key, uploadId, response);
          return;
        }
      case 'PUT':
        if (uploadId === '') this.objects.set(key, body);
        else if (this.failingParts-- > 0)
          return void response.writeHead(400, { 'content-type': 'application/xml' }).end('<Error><Code>InvalidPart</Code></Error>');
        else this.uploads.get(uploadId)?.set(Number(searchParams.get('partNumber')), body);
        return void response.writeHead(200, { etag: '"etag"' }).end();
      case 'DELETE':
        if (uploadId === '') this.objects.delete(key);
        else this.uploads.delete(uploadId);
        return void response.writeHead(204).end();
      default: {
        this.send(key, request.headers.range, response);
        return;
      }
    }
  }

  private begin(key: string, response: ServerResponse): void {
    const id = `upload-${this.log.length}`;
    this.uploads.set(id, new Map());
    response.setHeader('content-type', 'application/xml');
    response.end(`<InitiateMultipartUploadResult><Bucket>files</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  private complete(key: string, uploadId: string, response: ServerResponse): void {
    const parts = [...(this.uploads.get(uploadId) ?? [])].sort(([a], [b]) => a - b);
    this.uploads.delete(uploadId);
    this.objects.set(key, Buffer.concat(parts.map(([, part]) => part)));
    response.setHeader('content-type', 'application/xml');
    response.end(`<CompleteMultipartUploadResult><Key>${key}</Key><ETag>"etag"</ETag></CompleteMultipartUploadResult>`);
  }

  private send(key: string, range: string | undefined, response: ServerResponse): void {
    const object = this.objects.get(key);
    if (!object) return void response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>');
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const part = object.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
    response.writeHead(range ? 206 : 200, { 'content-length': part.length }).end(part);
  }
}
