import { types } from 'node:util';
import { escapePointer, MAX_JSON_DEPTH, unstorable } from './json-limits.js';
import { lossOf } from './json-loss.js';
import { type JsonText, RawJson } from './raw-json.js';

export type { JsonText };

export interface JsonBounds {
  /** Bytes of the text in UTF-8. Without a bound by default. */
  maxBytes?: number;
  /** Members and elements in all: one array may stand at many places, or claim a length of billions. Default a million. */
  maxMembers?: number;
  /**
   * The text is read again at once, and whoever gave the value goes on with what it has become. So what is lost is seen: `NaN` is
   * null, as JSON has it. Numbers that cannot come back, `bigint` and {@link RawJson}, are refused. Default false.
   */
  comesBack?: boolean;
}

/** A value that JSON cannot hold without loss. `tooLarge`: it could, but beyond a bound of size. */
export class JsonTextError extends Error {
  constructor(
    readonly pointer: string,
    readonly detail: string,
    readonly tooLarge = false,
  ) {
    super(`${pointer === '' ? 'it' : pointer} ${detail}`);
    this.name = 'JsonTextError';
  }
}

/**
 * `value` as JSON, exact: what `JSON.stringify` writes, but a `bigint` digit by digit and a {@link RawJson} as it is. What
 * `JSON.stringify` would change or drop without a word is refused with a `JsonTextError` that has a pointer to its place:
 * `NaN`, a `Map`, an instance with accessors, text that a database does not take. Members that are undefined are left out, as
 * JSON does. One pass, linear in the text that it writes.
 */
export function jsonText(value: unknown, bounds: JsonBounds = {}): JsonText {
  return new JsonWriter(bounds).write(value);
}

class JsonWriter {
  private text = '';
  private membersLeft: number;
  private readonly maxBytes: number;
  private readonly comesBack: boolean;
  /** The containers around the present place, and their members' names: for the pointer, and to find circles. */
  private readonly around: object[] = [];
  private readonly names: (string | number)[] = [];

  constructor({ maxBytes = Infinity, maxMembers = 1_000_000, comesBack = false }: JsonBounds) {
    this.maxBytes = maxBytes;
    this.membersLeft = maxMembers;
    this.comesBack = comesBack;
  }

  write(value: unknown): JsonText {
    this.value(value === undefined ? null : value);
    const { text, maxBytes } = this;
    // Three bytes at most for each unit of UTF-16: most texts need no count.
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) throw this.tooLarge();
    return text as JsonText;
  }

  private value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        if (!Number.isFinite(value) && !this.comesBack) throw this.refusal(`is ${value}, which JSON has no way to write`);
        this.text += Number.isFinite(value) ? String(value) : 'null';
        return;
      case 'boolean':
        this.text += value ? 'true' : 'false';
        return;
      case 'bigint':
        if (this.comesBack) throw this.refusal('is a bigint, which does not come back as one; use text: String(value)');
        this.text += String(value);
        return;
      case 'object':
        if (value === null) this.text += 'null';
        else this.object(value);
        return;
      default:
        throw this.refusal(`is a ${typeof value}, which JSON cannot hold`);
    }
  }

  private string(value: string): void {
    const fault = unstorable(value);
    if (fault) throw this.refusal(fault);
    if (this.text.length + value.length > this.maxBytes) throw this.tooLarge();
    this.text += JSON.stringify(value);
  }

  private object(value: object): void {
    if (value instanceof RawJson) return this.raw(value);
    const written = this.asWritten(value);
    if (typeof written !== 'object' || written === null) return this.value(written === undefined ? null : written);
    if (written instanceof RawJson) return this.raw(written);
    const { around } = this;
    if (around.includes(written)) throw this.refusal('holds itself: a circle has no end in JSON');
    if (around.length >= MAX_JSON_DEPTH) throw this.refusal(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
    around.push(written);
    if (Array.isArray(written)) this.array(written);
    else this.members(written as Record<string, unknown>, written !== value);
    around.pop();
  }

  /** What stands for the object: what its `toJSON` gives, the value in a box, or itself. */
  private asWritten(value: object): unknown {
    if (types.isDate(value) && Number.isNaN(value.getTime())) throw this.refusal('is an invalid date');
    const toJson = this.read(() => (value as { toJSON?: unknown }).toJSON);
    if (typeof toJson === 'function') {
      return this.read(() => (toJson as (name: string) => unknown).call(value, String(this.names.at(-1) ?? '')), 'its toJSON');
    }
    if (types.isBoxedPrimitive(value)) return value.valueOf();
    return value;
  }

  private array(array: readonly unknown[]): void {
    this.text += '[';
    for (let index = 0; index < array.length; index++) {
      if (index > 0) this.text += ',';
      this.names.push(index);
      this.count();
      const element = this.element(array, index);
      this.value(element === undefined ? null : element);
      this.names.pop();
    }
    this.text += ']';
  }

  private members(object: Record<string, unknown>, converted: boolean): void {
    const names = this.read(() => Object.keys(object));
    // What toJSON gave is what its author wants to be written.
    const loss = converted ? undefined : lossOf(object, names.length);
    if (loss) throw this.refusal(loss);
    let separator = '{';
    for (const name of names) {
      this.names.push(name);
      const member = this.element(object, name);
      if (member !== undefined) {
        this.count();
        this.text += separator;
        this.name(name);
        this.value(member);
        separator = ',';
      }
      this.names.pop();
    }
    this.text += separator === '{' ? '{}' : '}';
  }

  private name(name: string): void {
    const fault = unstorable(name);
    if (fault) {
      this.names.pop();
      throw this.refusal(`has a member name that ${fault}`);
    }
    if (this.text.length + name.length > this.maxBytes) throw this.tooLarge();
    this.text += `${JSON.stringify(name)}:`;
  }

  private raw({ text }: RawJson): void {
    if (this.comesBack) throw this.refusal('is raw JSON, which does not come back as it is; use its text, and rawJson(text) in the result');
    if (this.text.length + text.length > this.maxBytes) throw this.tooLarge();
    this.text += text;
  }

  private element(container: object, name: string | number): unknown {
    try {
      return (container as Record<string | number, unknown>)[name];
    } catch (error) {
      throw this.refusal(`cannot be read: ${said(error)}`);
    }
  }

  private read<Value>(work: () => Value, what = 'it'): Value {
    try {
      return work();
    } catch (error) {
      throw this.refusal(`cannot be written, for ${what} threw: ${said(error)}`);
    }
  }

  private count(): void {
    if (--this.membersLeft < 0) throw this.tooLarge('has more members than are written');
    if (this.text.length > this.maxBytes) throw this.tooLarge();
  }

  private refusal(detail: string): JsonTextError {
    return new JsonTextError(this.names.map((name) => `/${escapePointer(String(name))}`).join(''), detail);
  }

  private tooLarge(detail = `takes more than ${this.maxBytes} bytes as JSON`): JsonTextError {
    return new JsonTextError('', detail, true);
  }
}

function said(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error).slice(0, 200);
  } catch {
    return 'something that cannot be printed';
  }
}
