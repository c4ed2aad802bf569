import { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import { PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import { Refusal } from '@app/core';
import type { StoredFile } from '@app/sdk';
import { FileTooLargeError, NoRoomError, type StoredFiles } from '@app/storage';
import type { FastifyRequest } from 'fastify';
import { LEAST_RATE, type Rate, watchRate } from '../http/least-rate.js';
import { meaningOf } from '../http/library-errors.js';
import { tenantOfCaller } from '../rights/tenant.js';
import { FORM_MEDIA_TYPE, RAW_MEDIA_TYPES } from './uploads.js';

/** The bytes that a form may have in addition to the file: boundaries, part headers, other fields. */
const FORM_OVERHEAD_BYTES = 1024 ** 2;
/** RFC 2046, 5.1.1. */
const MAX_BOUNDARY = 70;
/** RFC 7578, 4.7: the parts of a form are not encoded. Encoded parts are refused, because they would be stored without decoding. */
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary']);

/**
 * Stores the file of the request without holding it in memory. When the client goes away, the form is malformed after the file, or it comes
 * too slowly, nothing of it is kept. Rejects with an error that the problem filter understands.
 */
export async function receiveUpload(
  request: FastifyRequest,
  files: StoredFiles,
  name: string | undefined,
  slow: () => void,
  rate: Rate = LEAST_RATE,
): Promise<StoredFile> {
  // Nothing else notices a client that vanishes without a FIN.
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
    tenant: tenantOfCaller(request),
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
      stored = await files.save(part.file, {
        name: name ?? (part.filename || 'upload'),
        mediaType: part.mimetype,
        expectedBytes: announced(request),
        tenant: tenantOfCaller(request),
      });
    }
  } catch (error) {
    if (stored) await files.remove(stored.id);
    throw error;
  }
  if (!stored) throw new Refusal('malformed_request', 'expected one file in field "file" of the form, got none');
  return stored;
}

/** The refusal of a broken form. The parser, or the code that stores a part, may notice the fault first. */
const WELL_FORMED = 'a well-formed multipart form that goes on to its last boundary, with one file in field "file"';

/** The parts of the form. Every error of the parser is a fault of the request; an error while a part is stored is not. */
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

/** The announced size; 0 without one. For a form it is a little too large. */
function announced({ headers }: FastifyRequest): number {
  return Number(headers['content-length']) || 0;
}

/** Makes refusals of faults of the request. Errors of the disk or the database stay unchanged. */
function asRefusal(error: unknown, request: FastifyRequest): unknown {
  if (error instanceof FileTooLargeError) return new PayloadTooLargeException(error.message, { cause: error });
  if (error instanceof NoRoomError) return new Refusal('insufficient_storage', error.message);
  if (!(error instanceof Error) || error instanceof Refusal) return error;
  if (request.raw.destroyed && !request.raw.complete) return new Refusal('malformed_request', 'the upload was cut before its end; nothing was stored');
  // For a part without an end the parser raises an error without class and code, while the part is being stored.
  const ofParser = request.isMultipart() && error.name === 'Error' && !('code' in error);
  return ofParser ? malformedForm(WELL_FORMED, error) : error;
}
