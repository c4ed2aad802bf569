import { JsonBytes, type JsonText } from '@app/core';

/** No JSON text has it: of the control characters only white space stands outside of strings, and none within. */
const BETWEEN = '\u001F';

/**
 * JSON texts as one parameter; undefined becomes NULL. An array of them would be a literal in which each quote and backslash is escaped: for a
 * megabyte of ordinary rows that is 8 ms here, and 3 ms in the server, which takes it apart again.
 */
export function joinedTexts(texts: readonly (JsonText | JsonBytes | undefined)[]): string | Buffer {
  return texts.every(isText) ? texts.join(BETWEEN) : joinedBytes(texts);
}

function isText(text: JsonText | JsonBytes | undefined): text is JsonText | undefined {
  return !(text instanceof JsonBytes);
}

/** The driver sends bytes as they are. */
function joinedBytes(texts: readonly (JsonText | JsonBytes | undefined)[]): Buffer {
  const parts = texts.map((text) => (text instanceof JsonBytes ? text.bytes : Buffer.from(text ?? '')));
  if (parts.length === 1) return parts[0] as Buffer;
  const between = Buffer.from(BETWEEN);
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [between, part])));
}

/** The parameter as a `text[]`. Shorter than it was where its texts are all NULL, which `unnest` with other arrays makes up for. */
export function textsOf(parameter: string): string {
  return `string_to_array(${parameter}::text, chr(${BETWEEN.charCodeAt(0)}), '')`;
}
