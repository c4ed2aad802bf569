import { existsSync, readFileSync } from 'node:fs';
import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AsyncApiController } from './async-api.controller.js';
import { describeKinds } from './describe-kinds.js';
import { servePages } from './pages.js';

/** The document, made when Longhaul is packed. The npm package does not have @nestjs/swagger, which is larger than all its other own dependencies. */
const PACKED = new URL('openapi.json', import.meta.url);

async function withoutKinds(app: NestFastifyApplication): Promise<OpenAPIObject> {
  if (existsSync(PACKED)) return JSON.parse(readFileSync(PACKED, 'utf8')) as OpenAPIObject;
  return (await import('./describe-api.js')).describeApi(app);
}

/**
 * Serves `/openapi.json`, with the payload of each kind as a schema, and its pages at `/docs` where swagger-ui-dist is installed. The document is made for the
 * first who asks, because that takes a fifth of a start.
 */
export function serveOpenApi(app: NestFastifyApplication, registry: HandlerRegistry, url: PublicUrl | null): void {
  let made: Promise<OpenAPIObject> | undefined;
  const document = (): Promise<OpenAPIObject> =>
    (made ??= withoutKinds(app).then((described) => {
      describeKinds(described, registry, url);
      return described;
    }));
  app.get(AsyncApiController).describe(document);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(JSON.stringify(await document())));
  // JSON is YAML as well: https://yaml.org/spec/1.2.2/#1-introduction
  fastify.get('/openapi.yaml', async (_request, reply) => reply.type('application/yaml; charset=utf-8').send(JSON.stringify(await document(), null, 2)));
  servePages(fastify, url);
}
