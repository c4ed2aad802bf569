import type { Random } from '../simulation/random.js';
import { bodyBytes, hostileHeaders, hostileText } from './hostile.js';
import { type Schema, SchemaValues } from './schema-values.js';

export interface Document {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, Schema> };
}

interface DocumentedOperation {
  operationId: string;
  parameters?: { name: string; in: string; schema?: Schema; example?: unknown }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
}

/** Somebody who sends requests, and what is known by it. */
export interface Caller {
  name: string;
  /** Its header; none: without credentials. */
  authorization?: string;
  /** Whose canaries it may see; null: those of all. */
  tenant: string | null;
  /** Operations that it is not to call: they would end the test and not the product. */
  spares?: readonly string[];
}

export interface FuzzRequest {
  caller: Caller;
  operation: string;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

interface Route {
  method: string;
  path: string;
  operation: DocumentedOperation;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'];
/** What things are called that callers name themselves, by the beginning of their routes. */
const NAMES_OF: Readonly<Record<string, readonly string[]>> = {
  schedules: ['nightly', 'fuzz'],
  limits: ['fuzz'],
  queues: ['default', 'fuzz'],
  kinds: ['debug.echo', 'csv.import'],
};
const NAMES = ['nightly', 'default', 'fuzz', 'same', 'acme', 'orders.csv', '01890000-0000-7000-8000-00000000dead', '1', '*', '0000000000000000'];

/** Makes requests to the routes of a document: right in most, hostile in one place or several. The same source of chance makes the same requests. */
export class RequestMaker {
  private readonly routes: Route[];
  private readonly values: SchemaValues;

  constructor(
    private readonly random: Random,
    document: Document,
    private readonly callers: readonly Caller[],
    /** An id of something, of whichever tenant. */
    private readonly id: () => string,
  ) {
    this.routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
    this.values = new SchemaValues(random, document.components.schemas, id);
  }

  get operations(): string[] {
    return this.routes.map(({ operation }) => operation.operationId);
  }

  make(): FuzzRequest {
    const { random } = this;
    const caller = random.pick(this.callers);
    const route = random.pick(this.routes);
    const { operation } = route;
    if (caller.spares?.includes(operation.operationId)) return this.make();
    const method = random.chance(0.03) ? random.pick(METHODS) : route.method;
    const body = method === 'GET' || method === 'HEAD' ? undefined : this.body(operation);
    return {
      ...{ caller, operation: operation.operationId, method, target: this.path(route.path) + this.query(operation), body },
      headers: {
        ...(caller.authorization === undefined ? {} : { authorization: caller.authorization }),
        ...(body === undefined ? {} : { 'content-type': random.pick(Object.keys(operation.requestBody?.content ?? { 'application/json': {} })) }),
        ...hostileHeaders(random),
      },
    };
  }

  private path(path: string): string {
    const { random } = this;
    const filled = path.replaceAll(/\{[^}]+\}/g, () => {
      const names = NAMES_OF[path.split('/')[1] ?? ''];
      if (random.chance(0.6)) return names ? random.pick(names) : this.id();
      return random.chance(0.5) ? encodeURIComponent(random.pick(NAMES)) : inUrl(random, hostileText(random));
    });
    return random.chance(0.02) ? `${filled}/${inUrl(random, hostileText(random))}` : filled;
  }

  private query({ parameters = [] }: DocumentedOperation): string {
    const { random } = this;
    const known = parameters.filter((parameter) => parameter.in === 'query' && random.chance(0.25));
    const fields = known.map(({ name, schema = {}, example }) => [
      name,
      example !== undefined && random.chance(0.4) ? example : this.values.value(schema, name),
    ]);
    if (random.chance(0.1)) fields.push([random.pick(['tenant', '__proto__', 'a[b]', 'cursor', 'id', hostileText(random)]), hostileText(random)]);
    if (fields.length === 0) return '';
    return `?${fields.map(([name, value]) => `${inUrl(random, String(name))}=${inUrl(random, typeof value === 'string' ? value : JSON.stringify(value))}`).join('&')}`;
  }

  private body({ requestBody }: DocumentedOperation): Buffer | undefined {
    const { random } = this;
    const [media] = Object.values(requestBody?.content ?? {});
    if (!media) return random.chance(0.2) ? bodyBytes(random, {}) : undefined;
    return bodyBytes(random, this.values.value(media.schema ?? {}));
  }
}

/** Encoded, or as much as a request line bears of it as it is. */
function inUrl(random: Random, text: string): string {
  if (random.chance(0.85)) return encodeURIComponent(text.toWellFormed()).slice(0, 3_000);
  return text
    .replaceAll(/[^\x21-\x7e]/g, '')
    .replaceAll('#', '')
    .slice(0, 300);
}
