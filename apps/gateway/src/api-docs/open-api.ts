import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { onRequestHookHandler, RouteOptions } from 'fastify';
import { AsyncApiController } from './async-api.controller.js';
import { describeApi } from './describe-api.js';

export const DOCS_PATH = '/docs';

/**
 * What the pages of the docs may do: run their own scripts, and call the gateway at either of its addresses. Without it a link to the docs
 * with `?url=` would show another API's document as ours.
 */
function docsPolicy(url: PublicUrl | null): string {
  const connect = ["'self'", ...(url ? [url.origin] : [])].join(' ');
  return `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** `/openapi.json`, with the payload of each kind as a schema, and its UI at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication, registry: HandlerRegistry, url: PublicUrl | null): void {
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
  const document = describeApi(app, registry, url);
  app.get(AsyncApiController).describe(document);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Longhaul API',
    swaggerOptions: { tryItOutEnabled: true },
  });
}
