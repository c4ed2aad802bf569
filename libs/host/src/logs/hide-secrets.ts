/** What stands in a log in place of what was left out. */
export const REDACTED = '[redacted]';

/** Names of members and headers whose values are credentials, whoever has logged them. */
const NAMES =
  'authorization|proxy-authorization|cookie|set-cookie|x-api-key|password|passwd|passphrase|secret|client_?secret|api_?key|(?:access|refresh|id)_?token';

/** The path of a URL holds a credential where a segment looks random, as with the addresses of chat rooms. Ids of Longhaul do not. */
const RANDOM_SEGMENT = /\/(?=[^/]*\d)(?=[^/]*[A-Za-z])(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\/|$))[\w%~+=.-]{16,}(?=\/|[:,;)]?$)/gi;

/** Each replacement leaves quotation marks and backslashes as they are, so a line of JSON stays one. */
const SHAPES: readonly [RegExp, string | ((...found: string[]) => string)][] = [
  [/\blh_([a-z2-7]{16})_[a-z0-9]+/g, `lh_$1_${REDACTED}`],
  // The link of a status page: who has it needs nothing else.
  [/\/p\/[\w.-]{16,}/g, `/p/${REDACTED}`],
  [/\bwhsec_[\w+/=-]+/g, `whsec_${REDACTED}`],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)*/g, REDACTED],
  [/\b(__Host-\w+)=[^;\s"'\\]+/g, `$1=${REDACTED}`],
  [new RegExp(`"(${NAMES})":"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `"$1":"${REDACTED}"`],
  // Within a text: JSON, an object as Node shows it, a line of a header.
  [new RegExp(`\\b(${NAMES})((?:\\\\+")?\\s*[:=]\\s*\\\\+")[^"\\\\]*`, 'gi'), `$1$2${REDACTED}`],
  [new RegExp(`\\b(${NAMES})('?\\s*[:=]\\s*')[^'"\\\\]*`, 'gi'), `$1$2${REDACTED}`],
  [new RegExp(`\\b(${NAMES})(\\s*[:=]\\s*)(?:(?:Bearer|Basic|Digest)\\s+)?[^\\s"'\\\\,;&)}{[\\]]+`, 'gi'), `$1$2${REDACTED}`],
  [/\b(Bearer|Basic)\s+(?=[\w.~+/-]*[\d=A-Z])[\w.~+/-]{4,}=*/g, `$1 ${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#"'\\@:]*):[^\s"'\\/]*@/gi, `$1:${REDACTED}@`],
  [/([?&])([\w-]*(?:token|secret|password|signature|api_?key|access_?key)|key|sig)=[^&#\s"'\\]+/gi, `$1$2=${REDACTED}`],
  [
    /\b(https?:\/\/[^\s/?#"'\\]+)(\/[^\s?#"'\\]*)?(\?[^\s#"'\\:]*)?/gi,
    (_, origin = '', path = '', query = '') => `${origin}${path.replace(RANDOM_SEGMENT, `/${REDACTED}`)}${query ? `?${REDACTED}` : ''}`,
  ],
];

/** No text without one of these has anything of {@link SHAPES}. Most lines have none. */
const MAY_HAVE = new RegExp(`lh_|/p/|whsec_|eyJ|__Host-|Bearer|Basic|://|[?&]|${NAMES}`, 'i');

/** The text without what looks like a credential: keys, tokens, secrets of webhooks, passwords and tokens of URLs, headers of authorization. Never throws. */
export function hideSecrets(text: string): string {
  if (!MAY_HAVE.test(text)) return text;
  return SHAPES.reduce((shown, [shape, instead]) => (typeof instead === 'string' ? shown.replace(shape, instead) : shown.replace(shape, instead)), text);
}

/** Variables that hold credentials, by the end of their names. */
const SECRET_VARIABLE = /(SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIALS|KEY)S?$/i;
/** A shorter one may be a usual word, such as `guest`, and would make lines unreadable. */
const SHORTEST_SECRET = 8;

/** The credentials that the environment holds: passwords of its URLs, and values of variables that are called so. */
export function secretsOf(values: NodeJS.ProcessEnv): string[] {
  const found = Object.entries(values).flatMap(([name, value = '']) => [
    ...[...value.matchAll(/:\/\/[^\s/?#@:]*:([^\s]*)@/g)].map(([, password = '']) => password),
    ...(SECRET_VARIABLE.test(name) ? value.split(/[\s,]+/).flatMap((entry) => [entry, entry.slice(entry.indexOf(':') + 1)]) : []),
  ]);
  return [...new Set(found.flatMap((secret) => [secret, decoded(secret)]))].filter((secret) => secret.length >= SHORTEST_SECRET);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
