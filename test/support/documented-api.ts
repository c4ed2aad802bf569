import { type IncomingMessage, request } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Operation {
  operationId: string;
  tags: string[];
  parameters?: { name: string; in: 'path' | 'query' | 'header' }[];
  requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
  components: { schemas: Record<string, { properties?: object; additionalProperties?: unknown }> };
}

export interface Ask {
  path?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Of a stream, which has no end, only the head of the answer is taken. */
  headOnly?: boolean;
}

export interface DocumentedAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/**
 * Calls a gateway by the ids of its document's operations, and holds each answer against the document: its status, its media type, and each
 * member of its body. What a schema does not name is a fault here, though callers must bear it.
 */
export class DocumentedApi {
  /** By operation: the statuses that were seen. */
  readonly seen = new Map<string, Set<number>>();
  private readonly operations = new Map<string, { method: string; path: string; operation: Operation }>();
  private readonly ajv: Ajv2020;
  private readonly validators = new Map<object, ValidateFunction>();

  private constructor(
    readonly url: string,
    readonly document: OpenApi,
  ) {
    for (const [path, item] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(item)) this.operations.set(operation.operationId, { method, path, operation });
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.ajv);
    const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [
      name,
      schema.properties ? { additionalProperties: false, ...schema } : schema,
    ]);
    this.ajv.addSchema({ $id: 'api', components: { schemas: Object.fromEntries(schemas) as object } });
  }

  static async of(url: string): Promise<DocumentedApi> {
    return new DocumentedApi(url, (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi);
  }

  get ids(): string[] {
    return [...this.operations.keys()];
  }

  async call(id: string, ask: Ask = {}): Promise<DocumentedAnswer> {
    const found = this.operations.get(id);
    if (!found) throw new Error(`expected an operation ${id} in the document, got: ${this.ids.join(', ')}`);
    const path = found.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ask.path?.[name] ?? '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e'));
    const answer = await send(found.method.toUpperCase(), `${this.url}${path}${ask.query ?? ''}`, ask);
    this.hold(id, found.operation, answer);
    this.seen.set(id, (this.seen.get(id) ?? new Set()).add(answer.status));
    return answer;
  }

  private hold(id: string, { responses }: Operation, { status, headers, body }: DocumentedAnswer): void {
    const at = `${id} ${String(status)}`;
    const documented = responses[String(status)] ?? (isAnybodys(status) ? responses['default'] : undefined);
    if (!documented) throw new Error(`expected ${at} in the document, got only ${Object.keys(responses).join(', ')}: ${JSON.stringify(body)}`);
    const media = headers['content-type']?.split(';')[0];
    if (media === undefined) {
      if (documented.content) throw new Error(`expected ${at} to have a body of ${Object.keys(documented.content).join(', ')}, got none`);
      return;
    }
    const content = documented.content?.[media] ?? documented.content?.['*/*'];
    if (!content) throw new Error(`expected ${at} to be of ${Object.keys(documented.content ?? {}).join(', ')}, got ${media}`);
    if (!/json$/.test(media)) return;
    const validate = this.validatorOf(content.schema);
    if (!validate(body)) throw new Error(`expected ${at} as documented, got ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`);
  }

  private validatorOf(schema: object): ValidateFunction {
    const known = this.validators.get(schema);
    if (known) return known;
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/');
    const validate = this.ajv.compile(JSON.parse(text) as object);
    this.validators.set(schema, validate);
    return validate;
  }
}

/** Statuses that any request may get, whichever operation it is for: the document has them as its `default`. */
function isAnybodys(status: number): boolean {
  return [414, 417, 421, 431].includes(status);
}

/** By node:http, for `fetch` does not let a caller set every header. */
function send(method: string, url: string, { headers = {}, body, headOnly = false }: Ask): Promise<DocumentedAnswer> {
  const isBytes = body instanceof Uint8Array;
  const bytes = body === undefined ? undefined : isBytes ? body : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      headers: { ...(bytes === undefined || isBytes ? {} : { 'content-type': 'application/json' }), ...headers },
      agent: false,
    });
    asked.on('error', reject).on('response', (response) => {
      const head = { status: response.statusCode ?? 0, headers: response.headers };
      if (headOnly && response.headers['content-type']?.startsWith('text/event-stream')) {
        response.destroy();
        resolve({ ...head, body: undefined });
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({ ...head, body: isJson ? (JSON.parse(text) as unknown) : text });
      });
    });
    asked.end(bytes);
  });
}
