import { type JsonValue, remoteText } from '@app/sdk';
import type { Dispatcher } from 'undici';

/** Answers are kept in the job's result, so they must be small. */
export const MAX_BODY_BYTES = 1024 ** 2;
const MAX_DEPTH = 32;

type Body = { json: string } | { error: string };

/**
 * The body of an answer as the text of a JSON value: as it came when it says that it is JSON, so that each number keeps its
 * digits, else a string of its text. What a job's result could not hold
 * (more than {@link MAX_BODY_BYTES}, malformed JSON or UTF-8, NUL characters, deep nesting) is an error of the service.
 */
export async function readBody(response: Pick<Dispatcher.ResponseData, 'headers' | 'body'>): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return { error: `expected an answer of at most ${MAX_BODY_BYTES} bytes, got more` };
    chunks.push(chunk);
  }
  const type = String(response.headers['content-type'] ?? '');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return { error: `expected an answer in UTF-8, got other bytes (${remoteText(type, 200) || 'no content type'})` };
  }
  return /^application\/([\w.-]+\+)?json\b/i.test(type) ? parseJson(text) : storable(JSON.stringify(text), text);
}

function parseJson(text: string): Body {
  if (text.trim() === '') return { json: 'null' };
  try {
    return storable(text.trim(), JSON.parse(text) as JsonValue);
  } catch (error) {
    return { error: `expected JSON as the answer's content type says, got: ${remoteText((error as Error).message)}` };
  }
}

function storable(json: string, data: JsonValue): Body {
  const fault = faultOf(data, 0);
  return fault ? { error: `expected an answer that PostgreSQL can store, got ${fault}` } : { json };
}

function faultOf(value: JsonValue, depth: number): string | undefined {
  if (typeof value === 'string') return textFault(value);
  if (value === null || typeof value !== 'object') return undefined;
  if (depth >= MAX_DEPTH) return `nesting deeper than ${MAX_DEPTH} levels`;
  for (const [name, member] of Object.entries(value)) {
    const fault = textFault(name) ?? faultOf(member, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function textFault(text: string): string | undefined {
  if (text.includes('\u0000')) return 'a NUL character';
  return text.isWellFormed() ? undefined : 'half of a surrogate pair';
}
