import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

export const UPLOAD_ROUTE = '/files';
export const RAW_MEDIA_TYPES = ['text/csv', 'text/tab-separated-values', 'application/octet-stream'];
export const FORM_MEDIA_TYPE = 'multipart/form-data';

/**
 * Makes the application accept uploads as streams: multipart forms, and raw bodies of a few media types. Only `POST /files` accepts
 * them; all other routes still answer 415 to such bodies. Call it before `app.listen`.
 */
export async function registerUploads(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (mediaType !== FORM_MEDIA_TYPE && !RAW_MEDIA_TYPES.includes(mediaType)) return;
    if (request.is404 || request.routeOptions.url === UPLOAD_ROUTE) return;
    throw new UnsupportedMediaTypeException(`expected a body of application/json, got: ${mediaType}`);
  });
  // StoredFiles counts and limits the size for every kind of upload, so nothing is cut off silently here.
  await app.register(multipart, { limits: { files: 1, fields: 16, parts: 17, fileSize: Number.MAX_SAFE_INTEGER } });
  fastify.addContentTypeParser(RAW_MEDIA_TYPES, (_request: FastifyRequest, body: Readable, done: (error: null, body: Readable) => void) => {
    done(null, body);
  });
}
