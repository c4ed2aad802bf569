import { Readable } from 'node:stream';
import { PayloadTooLargeException } from '@nestjs/common';
import { Refusal } from '@app/core';
import type { StoredFile } from '@app/sdk';
import { FileTooLargeError, NoRoomError, type StoredFiles } from '@app/storage';
import type { FastifyRequest } from 'fastify';
import { FORM_MEDIA_TYPE, RAW_MEDIA_TYPES } from './uploads.js';

/** What a form may hold beside the file: boundaries, part headers, other fields. */
const FORM_OVERHEAD_BYTES = 1024 ** 2;
/** A body that does not go on for so long, and up to twice as long, is of a client that is gone. */
const SILENT_MS = 60_000;

/**
 * Stores the file that the request carries, without ever holding it in memory. When the client goes away, or the form
 * turns out to be malformed after the file, nothing of it is kept. Rejects with what the problem filter understands.
 */
export async function receiveUpload(request: FastifyRequest, files: StoredFiles, name: string | undefined, silentMs = SILENT_MS): Promise<StoredFile> {
  const watch = setInterval(cutSilent(request), silentMs);
  try {
    if (Number(request.headers['content-length']) > files.maxBytes + FORM_OVERHEAD_BYTES) throw new FileTooLargeError(files.maxBytes);
    return await (request.isMultipart() ? receiveForm(request, files, name) : receiveBody(request, files, name));
  } catch (error) {
    throw asRefusal(error, request);
  } finally {
    clearInterval(watch);
  }
}

/**
 * Looks whether the body has gone on since the last look, and cuts the connection if not: a client that vanishes without a FIN is
 * noticed by nothing else. Not `socket.setTimeout`: its silence may be ours, while the store is slow and nothing is read.
 */
function cutSilent({ raw }: FastifyRequest): () => void {
  let bytesRead: number | undefined;
  return () => {
    const waitsForUs = raw.complete || raw.readableLength > 0;
    if (!waitsForUs && raw.socket.bytesRead === bytesRead) raw.socket.destroy();
    bytesRead = waitsForUs ? undefined : raw.socket.bytesRead;
  };
}

async function receiveBody(request: FastifyRequest, files: StoredFiles, name: string | undefined): Promise<StoredFile> {
  if (!(request.body instanceof Readable)) {
    const expected = [FORM_MEDIA_TYPE, ...RAW_MEDIA_TYPES].join(', ');
    throw new Refusal('malformed_request', `expected a body of ${expected}, got none: send the file as field "file" of a form, or as the body`);
  }
  return files.save(request.body, {
    name: name ?? 'upload',
    mediaType: request.headers['content-type'] ?? 'application/octet-stream',
    expectedBytes: announced(request),
  });
}

async function receiveForm(request: FastifyRequest, files: StoredFiles, name: string | undefined): Promise<StoredFile> {
  let stored: StoredFile | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue;
      if (part.fieldname !== 'file') {
        part.file.resume();
        throw new Refusal('malformed_request', `expected the file in field "file" of the form, got one in field ${JSON.stringify(part.fieldname)}`);
      }
      stored = await files.save(part.file, { name: name ?? (part.filename || 'upload'), mediaType: part.mimetype, expectedBytes: announced(request) });
    }
  } catch (error) {
    if (stored) await files.remove(stored.id);
    throw error;
  }
  if (!stored) throw new Refusal('malformed_request', 'expected one file in field "file" of the form, got none');
  return stored;
}

/** 0 where the client does not say; of a form it counts a little too much. */
function announced({ headers }: FastifyRequest): number {
  return Number(headers['content-length']) || 0;
}

/** Faults of the request become refusals; a failing disk or database stays what it is. */
function asRefusal(error: unknown, request: FastifyRequest): unknown {
  if (error instanceof FileTooLargeError) return new PayloadTooLargeException(error.message, { cause: error });
  if (error instanceof NoRoomError) return new Refusal('insufficient_storage', error.message);
  if (!(error instanceof Error) || error instanceof Refusal) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'FST_FILES_LIMIT') return new Refusal('malformed_request', 'expected one file in the form, got more: upload each by itself');
  if (request.raw.destroyed && !request.raw.complete) return new Refusal('malformed_request', 'the upload was cut before its end; nothing was stored');
  const ofParser = code.startsWith('FST_') || (code === '' && /multipart|boundary|part terminated|header/i.test(error.message));
  return ofParser ? new Refusal('malformed_request', `expected a well-formed multipart form with one file, got: ${error.message}`) : error;
}
