import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyPluginCallback, FastifyRequest, onRequestHookHandler } from 'fastify';

export const UPLOAD_ROUTE = '/files';
export const RAW_MEDIA_TYPES = ['text/csv', 'text/tab-separated-values', 'application/octet-stream'];
export const FORM_MEDIA_TYPE = 'multipart/form-data';

/**
 * Makes the application accept uploads as streams: multipart forms, and raw bodies of a few media types. Only `POST /files` accepts
 * them; all other routes still answer 415 to such bodies. Call it before `app.listen`.
 */
export async function registerUploads(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', ({ headers, is404, routeOptions }, _reply, done) => {
    const given = headers['content-type'];
    if (given === undefined || given === 'application/json') return done();
    const mediaType = given.split(';')[0]?.trim().toLowerCase() ?? '';
    if (mediaType !== FORM_MEDIA_TYPE && !RAW_MEDIA_TYPES.includes(mediaType)) return done();
    if (is404 || routeOptions.url === UPLOAD_ROUTE) return done();
    done(new UnsupportedMediaTypeException(`expected a body of application/json, got: ${mediaType}`));
  });
  // StoredFiles counts and limits the size for every kind of upload, so nothing is cut off silently here.
  await app.register(ofRoute(UPLOAD_ROUTE, multipart), { limits: { files: 1, fields: 16, parts: 17, fileSize: Number.MAX_SAFE_INTEGER } });
  fastify.addContentTypeParser(RAW_MEDIA_TYPES, (_request: FastifyRequest, body: Readable, done: (error: null, body: Readable) => void) => {
    done(null, body);
  });
}

/** A plugin whose hooks see the requests of one route only. Those of multipart add two promises and a listener to each request. */
function ofRoute<Options extends object>(url: string, plugin: FastifyPluginCallback<Options>): FastifyPluginCallback<Options> {
  const limited: FastifyPluginCallback<Options> = (fastify, options, done) => {
    const addHook = (name: 'onRequest' | 'onResponse', hook: onRequestHookHandler) =>
      fastify.addHook('onRoute', (route) => {
        if (route.url === url) route[name] = [...[route[name] ?? []].flat(), hook];
      });
    plugin(Object.create(fastify, { addHook: { value: addHook } }) as FastifyInstance, options, done);
  };
  // What is added to requests is added to those of the whole application, as by the plugin itself.
  return Object.assign(limited, { [Symbol.for('skip-override')]: true });
}
