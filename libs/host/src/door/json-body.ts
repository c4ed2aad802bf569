import {
  countPairs,
  isLargeText,
  isSoundText,
  JsonBytes,
  type JsonShape,
  type JsonText,
  memberPlace,
  memberText,
  readExactJson,
  Refusal,
  scanJson,
  type ShapeBounds,
} from '@app/core';
import { parse } from 'secure-json-parse';

const SPACE = 32;
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Parsed JSON with its text, because numbers are stored with their digits as they were sent. */
export class JsonBody {
  constructor(
    readonly value: unknown,
    readonly text: JsonText,
    private readonly shape: Pick<JsonShape, 'depth' | 'members' | 'entries'>,
    /** Of the whole text, where each character of it is one byte. */
    private readonly bytes?: Buffer,
  ) {}

  /** Nothing in it is a fault that `findJsonFault` looks for. False where that has to be looked at. */
  get sound(): boolean {
    return isSoundText(this.text, this.shape.depth);
  }

  /** The text of a member of the outermost object. */
  member(name: string): JsonText | undefined {
    return memberText(this.text, this.shape.members, name) as JsonText | undefined;
  }

  /** The bytes of a member's text, if it is a large one; without a name, of the whole text. */
  largeBytes(text: JsonText, name?: string): JsonBytes | undefined {
    if (!isLargeText(text)) return undefined;
    const place = name === undefined ? { value: 0, valueEnd: undefined } : memberPlace(this.text, this.shape.members, name);
    const bytes = place && this.bytes?.subarray(place.value, place.valueEnd);
    return new JsonBytes(bytes ? trimmed(bytes) : Buffer.from(text));
  }

  /** The elements of the array in the member `entriesOf`; each has its own limit of members. */
  entry(index: number): JsonBody | undefined {
    const place = this.shape.entries[index];
    if (!place) return undefined;
    const text = this.text.slice(...place).trim() as JsonText;
    return new JsonBody(undefined, text, scanJson(text, { maxMembers: Infinity }), this.bytes && trimmed(this.bytes.subarray(...place)));
  }
}

/**
 * Reads JSON of HTTP and AMQP strictly: bytes that are not UTF-8 are an error and do not turn into question marks; members such as
 * `__proto__`, and a name that one object has twice, are refused. The shape is checked before the text is parsed. Throws a
 * `Refusal`.
 */
export function readJson(bytes: Buffer, bounds: ShapeBounds): JsonBody {
  if (bytes.length === 0) throw new Refusal('malformed_request', 'expected a JSON body, got none');
  let text: string;
  try {
    text = UTF_8.decode(bytes).trim();
  } catch (cause) {
    throw refused('expected the body to be UTF-8, got bytes that are not', cause);
  }
  const shape = scanJson(text, bounds);
  if (shape.excess) throw new Refusal('invalid_payload', `expected JSON of a bounded shape, got a body that ${shape.excess.detail}`, [shape.excess]);
  let value: unknown;
  try {
    value = parse(text, null, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw refused(`the body is not JSON that is accepted here: ${(cause as Error).message.slice(0, 200)}`, cause);
  }
  if (countPairs(value) !== shape.pairs) throw new Refusal('malformed_request', `expected every name once in an object, got twice: ${doubled(text)}`);
  return new JsonBody(value, text as JsonText, shape, text.length === bytes.length ? bytes : undefined);
}

/** Without the white space around it. */
function trimmed(bytes: Buffer): Buffer {
  let [start, end] = [0, bytes.length];
  while (start < end && (bytes[start] as number) <= SPACE) start++;
  while (end > start && (bytes[end - 1] as number) <= SPACE) end--;
  return bytes.subarray(start, end);
}

function doubled(text: string): string {
  const names: string[] = [];
  readExactJson(text, (name) => names.push(name));
  return JSON.stringify(names[0]?.slice(0, 100));
}

function refused(message: string, cause: unknown): Refusal {
  const refusal = new Refusal('malformed_request', message);
  refusal.cause = cause;
  return refusal;
}
