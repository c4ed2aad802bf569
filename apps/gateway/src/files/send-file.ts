import { Readable } from 'node:stream';
import type { StoredFile } from '@app/sdk';
import type { StoredFiles } from '@app/storage';
import { HttpException, HttpStatus } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { byteRange } from './byte-range.js';
import { contentDisposition } from './content-disposition.js';

/** Answers with the content of a file, or the range of it that was asked for. A page in it can do nothing and load nothing. */
export async function sendFile(
  files: StoredFiles,
  file: StoredFile,
  request: FastifyRequest,
  reply: FastifyReply,
  disposition: 'inline' | 'attachment',
): Promise<void> {
  const etag = `"${file.sha256}"`;
  void reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-disposition': contentDisposition(disposition, file.name),
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    'content-type': file.mediaType,
    'x-content-type-options': 'nosniff',
  });
  if (names(request.headers['if-none-match'], etag)) return void reply.removeHeader('content-type').code(HttpStatus.NOT_MODIFIED).send();

  const ifRange = request.headers['if-range'];
  // Of HEAD, as of all but GET, the range is ignored (RFC 9110, 14.2).
  const mayBePart = request.method === 'GET' && (ifRange === undefined || ifRange === etag);
  const range = byteRange(mayBePart ? request.headers.range : undefined, file.size);
  if (range === 'unsatisfiable') {
    void reply.removeHeader('content-disposition').removeHeader('etag').header('content-range', `bytes */${file.size}`);
    throw new HttpException(
      `expected a range that starts within the ${file.size} bytes of the file, got: ${request.headers.range}`,
      HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    );
  }
  const { start, end } = range === 'whole' ? { start: 0, end: file.size - 1 } : range;
  if (range !== 'whole') void reply.code(HttpStatus.PARTIAL_CONTENT).header('content-range', `bytes ${start}-${end}/${file.size}`);
  void reply.header('content-length', String(end - start + 1));
  // The body is an empty stream, because an empty body would set the length to 0.
  if (request.method === 'HEAD') return void reply.send(Readable.from([]));
  return void reply.send(await files.read(file.id, start, end));
}

/** Whether an `If-None-Match` header names `etag`; weak validators compare as equal (RFC 9110, 13.1.2). */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
