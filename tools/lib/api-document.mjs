// The OpenAPI document, from the build: made of the controllers, without a gateway or its services.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/**
 * @typedef {{ $ref?: string, type?: string | string[], description?: string, properties?: Record<string, Schema>, required?: string[], items?: Schema,
 *   enum?: unknown[], anyOf?: Schema[], oneOf?: Schema[], additionalProperties?: Schema | boolean }} Schema
 * @typedef {{ name: string, in: string, required?: boolean, description?: string, schema: Schema }} Parameter
 * @typedef {{ operationId: string, parameters?: Parameter[],
 *   requestBody?: { required?: boolean, content: Record<string, { schema?: Schema }> }, responses: Record<string, { content?: Record<string, { schema?: Schema }> }> }} Operation
 * @typedef {{ paths: Record<string, Record<string, Operation>>, components: { schemas: Record<string, Schema> } }} OpenApi
 */

/** @returns {Promise<OpenApi>} */
export async function apiDocument() {
  await import('reflect-metadata');
  const { describeControllers } = await built('apps/gateway/src/api-docs/describe-controllers.js');
  const { HandlerRegistry } = await built('libs/sdk/src/index.js');
  const { catalogue } = await built('libs/jobs/src/index.js');
  return JSON.parse(JSON.stringify(await describeControllers(new HandlerRegistry([...catalogue]))));
}

/** @param {string} path */
const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
