const [QUOTE, BACKSLASH] = [34, 92] as const;
/** Up to here the driver's own way is as fast. */
const SHORT = 8_192;

/**
 * Texts as the literal of a `text[]`. The driver writes each by two replacements, which take 60 ms and the collection of as much garbage for a
 * megabyte of backslashes; here a long one is one pass over its bytes.
 */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => (text.length > SHORT ? escapedBytes(text) : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join(',')}}`;
}

function escapedBytes(text: string): string {
  const bytes = Buffer.from(text);
  const escaped = Buffer.allocUnsafe(bytes.length * 2 + 2);
  let at = 0;
  escaped[at++] = QUOTE;
  for (const byte of bytes) {
    // In UTF-8 neither is part of another character.
    if (byte === QUOTE || byte === BACKSLASH) escaped[at++] = BACKSLASH;
    escaped[at++] = byte;
  }
  escaped[at++] = QUOTE;
  return escaped.toString('utf8', 0, at);
}
