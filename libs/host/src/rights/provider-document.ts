import { ConfigError } from '../environment.js';
import { isTrustworthy } from './jwt.config.js';

/** How long an identity provider may take for one answer: a person waits for it, or a caller whose token is looked at. */
export const PROVIDER_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
const DISCOVERY = '/.well-known/openid-configuration';

/** What an identity provider says of itself, by OpenID Connect Discovery, 3. */
export type ProviderDocument = Record<string, unknown>;

/** OpenID Connect Discovery, 4. Rejects with a `ConfigError` for a document that shows that `variable` is wrong. */
export async function discover(issuer: string, variable: string): Promise<ProviderDocument> {
  const url = issuer.replace(/\/$/, '') + DISCOVERY;
  const document = jsonOf(await textAt(url, variable)) as ProviderDocument | null | undefined;
  // 4.3: otherwise the document of one issuer could speak for another.
  if (document?.['issuer'] !== issuer) throw new ConfigError(variable, `the issuer that ${url} names, character by character`, String(document?.['issuer']));
  return document;
}

/** An address that the document names. Throws a `ConfigError` where whatever is sent there could be read or changed on its way. */
export function addressIn(document: ProviderDocument, name: string, variable: string, otherwise = ''): string {
  const url = document[name];
  if (typeof url !== 'string' || !isTrustworthy(url)) throw new ConfigError(variable, `an issuer whose ${name} is an https:// URL${otherwise}`, String(url));
  return url;
}

/** A redirect is not followed: it may lead to where `isTrustworthy` would not let us. */
export async function textAt(url: string, variable: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PROVIDER_MS), headers: { accept: 'application/json' } });
  const { status } = response;
  if (status >= 500 || status === 408 || status === 429) throw new Error(`expected ${url} to answer 200, got: ${status}`);
  if (status !== 200) throw new ConfigError(variable, 'one whose keys can be read', `${status} from ${url}`);
  return bodyOf(response);
}

/** Rejects when it is longer than what a provider has to say. */
export async function bodyOf({ body, url }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_BYTES) throw new Error(`expected ${url} to answer with ${MOST_BYTES} bytes at most, got more`);
  }
  return Buffer.concat(chunks).toString();
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
