import type { Fault, JsonText } from '@app/core';
import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { kindViews } from '../kinds/kind-view.js';
import { exampleOf } from './payload-example.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Completes the document by what belongs to an installation: its addresses, and the kinds that are registered. */
export function describeKinds(document: OpenAPIObject, registry: HandlerRegistry, url: PublicUrl | null): void {
  // First as callers see it; the second for whoever reads the docs on another way, such as a tunnel to one gateway.
  document.servers = [...(url ? [{ url: url.href }] : []), { url: url?.path || '/', ...(url ? { description: 'here' } : {}) }];
  addPayloads(document.components?.schemas ?? {}, registry);
  showExamples(document, registry);
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
