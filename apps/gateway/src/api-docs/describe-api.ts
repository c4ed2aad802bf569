import type { Fault, JsonText } from '@app/core';
import { ANY_JSON, Problem } from '@app/contracts/schemas';
import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { kindViews } from '../kinds/kind-view.js';
import { documentAnswers } from './documented-answers.js';
import { exampleOf } from './payload-example.js';

interface Reference {
  $ref?: string;
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** The HTTP door as OpenAPI 3.1, made of the controllers of the application and the kinds that are registered. */
export function describeApi(app: INestApplication, registry: HandlerRegistry, url: PublicUrl | null): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Accepts work in milliseconds, does it on workers, tells when it is done. Errors are RFC 9457 problems.')
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .setContact('Longhaul contributors', '', '')
    .setOpenAPIVersion('3.1.0')
    .build();
  // First as callers see it; the second for whoever reads the docs on another way, such as a tunnel to one gateway.
  about.servers = [...(url ? [{ url: url.href }] : []), { url: url?.path || '/', ...(url ? { description: 'here' } : {}) }];
  about.info.contact = { name: 'Longhaul contributors' };
  // Nobody has to prove who they are: a proxy, or the network, says who may call.
  about.security = [];
  const document = SwaggerModule.createDocument(app, about, { extraModels: [Problem] });
  const schemas = ((document.components ??= {}).schemas ??= {});
  schemas[ANY_JSON] = { description: 'Any JSON value' };
  addPayloads(schemas, registry);
  documentAnswers(document);
  showExamples(document, registry);
  flattenReferences(document);
  return document;
}

/** The payload of each kind as a schema. Any object is a payload too: a gateway beside this one may know further kinds. */
function addPayloads(schemas: Schemas, registry: HandlerRegistry): void {
  const views = kindViews(registry);
  for (const { kind, schema } of views) schemas[`payload.${kind}`] = schema;
  for (const name of ['SubmitJob', 'BatchEntry']) {
    const properties = (schemas[name] as { properties?: Record<string, object> } | undefined)?.properties;
    if (!properties) throw new Error(`expected ${name} among the schemas of the API, got none`);
    properties['payload'] = {
      description: 'As the schema of the kind says',
      anyOf: [...views.map(({ kind }) => ({ $ref: getSchemaPath(`payload.${kind}`) })), { type: 'object', additionalProperties: true }],
    };
  }
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

/** Nest writes a reference with a description as a combination of one. OpenAPI 3.1 lets both stand side by side, and generators like that better. */
function flattenReferences(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const value of Object.values(node)) flattenReferences(value);
  const schema = node as { allOf?: Reference[]; oneOf?: Reference[]; type?: string; $ref?: string };
  const [only, ...others] = schema.allOf ?? schema.oneOf ?? [];
  if (only?.$ref === undefined || others.length > 0) return;
  schema.$ref = only.$ref;
  delete schema.allOf;
  delete schema.oneOf;
  delete schema.type;
}
