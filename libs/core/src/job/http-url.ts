/** Of a URL as it is stored. */
export const MAX_URL_LENGTH = 2_000;

/**
 * Undefined for text that is no URL. In place of `URL.canParse`, which Node 20 answers with false for texts with letters beyond ASCII, once it was called often
 * enough to be compiled (measured: 20.20.2).
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * The one reader of URLs that callers give, so that the same text means the same everywhere: what it returns is stored and called.
 * The parser alone drops tabs and line ends and takes `http:host`; such a text is refused, for it is not what its writer sees.
 */
export function readHttpUrl(text: string): { url: URL } | { fault: string } {
  if (/\p{C}/u.test(text) || text.trim() !== text) return { fault: 'must not hold control characters, or spaces around it' };
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : undefined;
  if (!url) return { fault: 'must be an http or https URL' };
  if (url.href.length > MAX_URL_LENGTH) return { fault: `must be at most ${MAX_URL_LENGTH} characters long, as a URL with everything encoded` };
  return { url };
}

/** As it is stored. For a text that was checked before; any other comes back as it is. */
export function normalHttpUrl(text: string): string {
  const read = readHttpUrl(text);
  return 'url' in read ? read.url.href : text;
}
