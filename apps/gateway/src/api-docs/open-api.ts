import { existsSync, readFileSync } from 'node:fs';
import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply, onRequestHookHandler, RouteOptions } from 'fastify';
import { AsyncApiController } from './async-api.controller.js';
import { describeKinds } from './describe-kinds.js';

export const DOCS_PATH = '/docs';

/**
 * The content security policy of the docs: pages may run their own scripts, and call the gateway at either of its addresses. Without it a link
 * to the docs with `?url=` would show the document of another API as Longhaul's.
 */
function docsPolicy(url: PublicUrl | null): string {
  const connect = ["'self'", ...(url ? [url.origin] : [])].join(' ');
  return `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** The document, made when Longhaul is packed. The npm package does not have @nestjs/swagger, which is larger than all its other own dependencies. */
const PACKED = new URL('openapi.json', import.meta.url);

function readPacked(): OpenAPIObject {
  return JSON.parse(readFileSync(PACKED, 'utf8')) as OpenAPIObject;
}

/**
 * Serves `/openapi.json`, with the payload of each kind as a schema, and its UI at `/docs` where @nestjs/swagger is installed. The document is made for the first
 * who asks, because that takes a twelfth of a start.
 */
export async function serveOpenApi(app: NestFastifyApplication, registry: HandlerRegistry, url: PublicUrl | null): Promise<void> {
  const policy = docsPolicy(url);
  const showsDocs: onRequestHookHandler = (_request, reply, done) => {
    void reply.header('content-security-policy', policy);
    done();
  };
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route: RouteOptions) => {
      if (route.url.startsWith(DOCS_PATH)) route.onRequest = showsDocs;
    });
  const describeApi = existsSync(PACKED) ? readPacked : (await import('./describe-api.js')).describeApi;
  let made: OpenAPIObject | undefined;
  const document = (): OpenAPIObject => {
    if (made) return made;
    made = describeApi(app);
    describeKinds(made, registry, url);
    return made;
  };
  app.get(AsyncApiController).describe(document);
  const swagger = await import('@nestjs/swagger').catch(unlessMissing);
  if (swagger === null) {
    app
      .getHttpAdapter()
      .get('/openapi.json', (_request, reply: FastifyReply) => void reply.type('application/json; charset=utf-8').send(JSON.stringify(document())));
    return;
  }
  swagger.SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Longhaul API',
    swaggerOptions: { tryItOutEnabled: true },
  });
}

/** Returns null when the package is not installed, as in an npm installation without the pages. Throws other errors. */
function unlessMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
  throw error;
}
