import type { Fault, JsonText } from '@app/core';
import type { HandlerRegistry } from '@app/sdk';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { PublicUrl } from '@app/host';
import type { onRequestHookHandler, RouteOptions } from 'fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { kindViews } from '../kinds/kind-view.js';
import { documentAnswers } from './documented-answers.js';
import { exampleOf } from './payload-example.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

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
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Accepts work in milliseconds, does it on workers, tells when it is done. Errors are RFC 9457 problems.')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .build();
  // First as callers see it; the second for whoever reads the docs on another way, such as a tunnel to one gateway.
  about.servers = [...(url ? [{ url: url.href }] : []), { url: url?.path || '/', ...(url ? { description: 'here' } : {}) }];
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
  const document = SwaggerModule.createDocument(app, about);
  const schemas: Schemas = (document.components ??= {}).schemas ?? {};
  for (const { kind, schema } of kindViews(registry)) schemas[`payload.${kind}`] = schema;
  document.components.schemas = schemas;
  documentAnswers(document);
  showExamples(document, registry);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Longhaul API',
    swaggerOptions: { tryItOutEnabled: true },
  });
}

/** Of a schema that needs time to judge it is not known. */
function isAccepted(faults: Fault[] | Promise<Fault[]>): boolean {
  if (!(faults instanceof Promise)) return faults.length === 0;
  faults.catch(() => undefined);
  return false;
}

/** A request for each kind, which is accepted as it stands: what a person sends first is what the page puts there. */
function showExamples(document: OpenAPIObject, registry: HandlerRegistry): void {
  const examples = kindViews(registry).flatMap(({ kind, description, schema }) => {
    const payload = exampleOf(schema);
    if (payload === undefined || !isAccepted(registry.validate(kind, payload, JSON.stringify(payload) as JsonText))) return [];
    return [{ name: kind, summary: description || kind, request: { kind, payload } }];
  });
  const [first] = examples;
  if (!first) return;
  show('/jobs', Object.fromEntries(examples.map(({ name, summary, request }) => [name, { summary, value: request }])));
  show('/jobs/batch', { two: { summary: 'Two jobs', value: { jobs: [first.request, first.request] } } });

  function show(path: string, values: Record<string, { summary: string; value: object }>): void {
    const body = document.paths[path]?.post?.requestBody as { content: Record<string, { examples?: object }> } | undefined;
    const json = body?.content['application/json'];
    if (json) json.examples = values;
  }
}
