import { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import { PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import { Refusal } from '@app/core';
import type { StoredFile } from '@app/sdk';
import { FileTooLargeError, NoRoomError, type StoredFiles } from '@app/storage';
import type { FastifyRequest } from 'fastify';
import { LEAST_RATE, type Rate, watchRate } from '../http/least-rate.js';
import { meaningOf } from '../http/library-errors.js';
import { FORM_MEDIA_TYPE, RAW_MEDIA_TYPES } from './uploads.js';

/** What a form may hold beside the file: boundaries, part headers, other fields. */
const FORM_OVERHEAD_BYTES = 1024 ** 2;
/** RFC 2046, 5.1.1. */
const MAX_BOUNDARY = 70;
/** RFC 7578, 4.7: a form's parts are not encoded. Decoding is not done here, and what is stored must be what was meant. */
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary']);

/**
 * Stores the file that the request carries, without ever holding it in memory. When the client goes away, or the form
 * turns out to be malformed after the file, or it comes too slowly, nothing of it is kept. Rejects with what the problem filter understands.
 */
export async function receiveUpload(
  request: FastifyRequest,
  files: StoredFiles,
  name: string | undefined,
  slow: () => void,
  rate: Rate = LEAST_RATE,
): Promise<StoredFile> {
  // A client that vanishes without a FIN is noticed by nothing else.
  const unwatch = watchRate(request.raw, slow, rate);
  try {
    if (Number(request.headers['content-length']) > files.maxBytes + FORM_OVERHEAD_BYTES) throw new FileTooLargeError(files.maxBytes);
    return await (request.isMultipart() ? receiveForm(request, files, name) : receiveBody(request, files, name));
  } catch (error) {
    throw asRefusal(error, request);
  } finally {
    unwatch();
  }
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
    for await (const part of partsOf(request)) {
      if (part.type !== 'file') continue;
      if (!PLAIN_ENCODINGS.has(part.encoding.toLowerCase())) {
        part.file.resume();
        throw new UnsupportedMediaTypeException(
          `expected the file as it is, got one with Content-Transfer-Encoding ${JSON.stringify(part.encoding.slice(0, 50))}`,
        );
      }
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

/** Said in the same words wherever a broken form is noticed first: by its parser, or by whoever stores a part of it. */
const WELL_FORMED = 'a well-formed multipart form that goes on to its last boundary, with one file in field "file"';

/** The form's parts. What its parser throws, whatever it is, is the request's fault; what storing a part throws is not. */
async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  const boundary = /boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(request.headers['content-type'] ?? '');
  const length = (boundary?.[1] ?? boundary?.[2] ?? '').length;
  if (length === 0 || length > MAX_BOUNDARY) throw malformedForm(`a boundary of 1 to ${MAX_BOUNDARY} characters (RFC 2046, 5.1.1), got ${length}`);
  try {
    yield* request.parts();
  } catch (cause) {
    throw meaningOf(cause) ? cause : malformedForm(WELL_FORMED, cause);
  }
}

function malformedForm(expected: string, cause?: unknown): Refusal {
  const refusal = new Refusal('malformed_request', `expected ${expected}`);
  refusal.cause = cause;
  return refusal;
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
  if (request.raw.destroyed && !request.raw.complete) return new Refusal('malformed_request', 'the upload was cut before its end; nothing was stored');
  // The parser ends a part that has no end with an error of no class and no code, in the middle of storing it.
  const ofParser = request.isMultipart() && error.name === 'Error' && !('code' in error);
  return ofParser ? malformedForm(WELL_FORMED, error) : error;
}
