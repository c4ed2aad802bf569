import type { HandlerRegistry } from '@app/sdk';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { kindViews } from '../operations/kind-view.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** `/openapi.json`, with the payload of each kind as a schema, and its UI at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication, registry: HandlerRegistry): void {
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Accepts work in milliseconds, does it on workers, tells when it is done. Errors are RFC 9457 problems.')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, about);
  const schemas: Schemas = (document.components ??= {}).schemas ?? {};
  for (const { kind, schema } of kindViews(registry)) schemas[`payload.${kind}`] = schema;
  document.components.schemas = schemas;
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: 'openapi.yaml', customSiteTitle: 'Longhaul API' });
}
