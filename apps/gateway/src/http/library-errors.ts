import type { ProblemCode } from '@app/contracts';
import { HttpException, NotFoundException } from '@nestjs/common';

interface Meaning {
  code: ProblemCode;
  detail: string;
}

/** The problems by the codes of Fastify and its plugins. Their own messages are for developers, and change. */
const BY_CODE: Record<string, Meaning> = {
  FST_ERR_BAD_URL: { code: 'malformed_request', detail: 'expected a URL that can be decoded (RFC 3986)' },
  FST_ERR_PARAM_LENGTH: { code: 'uri_too_long', detail: 'expected shorter parts of the path' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'uri_too_long', detail: 'expected shorter parts of the path' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type', detail: 'expected a body of application/json' },
  FST_ERR_CTP_INVALID_TYPE: { code: 'unsupported_media_type', detail: 'expected a body of application/json' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'payload_too_large', detail: 'expected a body of at most MAX_BODY_BYTES' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'malformed_request', detail: 'expected a body as long as Content-Length says' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'malformed_request', detail: 'expected a JSON body, got none' },
  FST_REQ_FILE_TOO_LARGE: { code: 'payload_too_large', detail: 'expected a smaller file' },
  FST_PARTS_LIMIT: { code: 'malformed_request', detail: 'expected a form of a few fields and one file, got more' },
  FST_FILES_LIMIT: { code: 'malformed_request', detail: 'expected one file in the form, got more: upload each by itself' },
  FST_FIELDS_LIMIT: { code: 'malformed_request', detail: 'expected a form of a few fields and one file, got more' },
  FST_PROTO_VIOLATION: { code: 'malformed_request', detail: 'expected a form without fields such as __proto__' },
  FST_INVALID_MULTIPART_CONTENT_TYPE: { code: 'unsupported_media_type', detail: 'expected a body of multipart/form-data' },
  ERR_STREAM_PREMATURE_CLOSE: { code: 'malformed_request', detail: 'expected the whole body, got an end before' },
};

const BY_STATUS: Record<number, ProblemCode> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'state_forbids',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  416: 'range_not_satisfiable',
  422: 'invalid_payload',
  431: 'headers_too_large',
};

/** The refusal for an error of Nest, Fastify or a plugin; undefined when it is no fault of the request. */
export function meaningOf(error: unknown): Meaning | undefined {
  // Longhaul's own code throws these with its own messages, except the one that Nest throws itself.
  if (error instanceof NotFoundException) return { code: 'not_found', detail: 'there is no such resource' };
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message);
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known) return known;
  return typeof statusCode === 'number' ? ofStatus(statusCode, 'the request cannot be served as it is') : undefined;
}

function ofStatus(status: number, detail: string): Meaning | undefined {
  if (status < 400 || status >= 500) return undefined;
  return { code: BY_STATUS[status] ?? 'malformed_request', detail };
}
