import { getSchemaPath } from '@app/contracts/schemas';
import type { Fault, JsonText } from '@app/core';
import type { PublicUrl } from '@app/host';
import type { HandlerRegistry } from '@app/sdk';
import type { OpenAPIObject } from '@nestjs/swagger';
import { kindViews } from '../kinds/kind-view.js';
import { exampleOf } from './payload-example.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** Completes the document with the parts of one installation: its addresses and its registered kinds. */
export function describeKinds(document: OpenAPIObject, registry: HandlerRegistry, url: PublicUrl | null): void {
  // First as callers see it; the second for whoever reads the docs on another way, such as a tunnel to one gateway.
  document.servers = [...(url ? [{ url: url.href }] : []), { url: url?.path || '/', ...(url ? { description: 'here' } : {}) }];
  addPayloads(document.components?.schemas ?? {}, registry);
  showExamples(document, registry);
}

/** Adds the payload of each kind as a schema. Any other object is allowed too, because another gateway may know further kinds. */
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

/** Whether the payload is valid. Unknown, and so false, for a schema that validates asynchronously. */
function isAccepted(faults: Fault[] | Promise<Fault[]>): boolean {
  if (!(faults instanceof Promise)) return faults.length === 0;
  faults.catch(() => undefined);
  return false;
}

/** Adds a request for each kind that is accepted unchanged, because the page offers it to people as the first request. */
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
