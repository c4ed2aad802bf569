import { type Clock, type Logger, PollingLoop } from '@app/core';
import type { createLocalJWKSet, JWTVerifyGetKey } from 'jose';
import { ConfigError } from '../environment.js';
import { isTrustworthy, type JwtConfig } from './jwt.config.js';
import { RightsUnknown } from './principals.js';

/** How often the keys are read, so that one that its provider has taken away does not hold for longer. */
const READ_MS = 300_000;
/** The pause after a reading that failed. A key that is not known makes them be read at once, but no sooner than this either: anybody can name one. */
const REST_MS = 10_000;
const WITHIN_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
const DISCOVERY = '/.well-known/openid-configuration';

/** The part of `jose` that chooses a key of a set: by the algorithm, `kid`, `use` and `key_ops`. */
type MakeSet = typeof createLocalJWKSet;

/**
 * The public keys of an identity provider.
 *
 * Authority: the provider. Its keys are read at the start, every five minutes, and when a token names one that is not known. While it does not answer, those
 * that are known hold, and of a token that names another nobody can tell. Its answer may show a wrong setting, which stops the start; that it does not
 * answer stops nothing.
 */
export class JwtKeys {
  private choose: JWTVerifyGetKey | undefined;
  private text: string | undefined;
  private reading: Promise<void> | undefined;
  private readAt = -Infinity;
  private failure: unknown;
  private started = false;
  private readonly loop: PollingLoop;

  constructor(
    private readonly config: Pick<JwtConfig, 'issuer' | 'jwksUrl'>,
    private readonly makeSet: MakeSet,
    /** Called when there are other keys than before. */
    private readonly changed: () => void,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.loop = new PollingLoop({
      clock,
      look: async () => {
        await this.readAgain();
        return this.failure === undefined ? READ_MS : REST_MS;
      },
      everyMs: REST_MS,
      failed: (error) => logger.error({ err: error }, 'the keys of the identity provider are not read any more'),
    });
  }

  /** Resolves when the keys were read, or could not be read now. Rejects with a `ConfigError`. */
  async start(): Promise<void> {
    await this.readAgain();
    if (this.failure instanceof ConfigError) throw this.failure;
    if (this.failure !== undefined) this.warn();
    this.started = true;
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** The key that a token's header names. Rejects with `RightsUnknown` where only the provider could tell, and it does not answer. */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    try {
      return await this.known()(header, token);
    } catch (error) {
      if (!(error instanceof RightsUnknown) && (error as { code?: unknown }).code !== 'ERR_JWKS_NO_MATCHING_KEY') throw error;
    }
    await this.readAgain();
    if (this.failure !== undefined) throw unknown();
    return this.known()(header, token);
  };

  private known(): JWTVerifyGetKey {
    if (!this.choose) throw unknown();
    return this.choose;
  }

  /** Reads them once for all who want it at the same time, and not at all where they were just read. */
  private async readAgain(): Promise<void> {
    if (!this.reading && this.clock.now() - this.readAt >= REST_MS) {
      this.readAt = this.clock.now();
      this.reading = this.read().finally(() => (this.reading = undefined));
    }
    await this.reading;
  }

  /** Never rejects. */
  private async read(): Promise<void> {
    try {
      const url = this.config.jwksUrl ?? (await this.discover());
      const variable = this.config.jwksUrl === null ? 'JWT_ISSUER' : 'JWT_JWKS_URL';
      const text = await textAt(url, variable);
      if (text !== this.text) {
        this.choose = this.setOf(text, url, variable);
        this.text = text;
        this.changed();
      }
      if (this.failure !== undefined) this.logger.info({ url }, 'the keys of the identity provider are read again');
      this.failure = undefined;
    } catch (error) {
      const isNew = this.failure === undefined;
      this.failure = error;
      // What keeps a process from starting is told once, by the start.
      if (isNew && this.started) this.warn();
    }
  }

  private warn(): void {
    this.logger.warn({ err: this.failure }, 'the keys of the identity provider cannot be read; those that are known hold');
  }

  /** OpenID Connect Discovery, 4. */
  private async discover(): Promise<string> {
    const { issuer } = this.config;
    const url = issuer.replace(/\/$/, '') + DISCOVERY;
    const document = jsonOf(await textAt(url, 'JWT_ISSUER')) as { issuer?: unknown; jwks_uri?: unknown } | null | undefined;
    // 4.3: otherwise the document of one issuer could speak for another.
    if (document?.issuer !== issuer) throw new ConfigError('JWT_ISSUER', `the issuer that ${url} names, character by character`, String(document?.issuer));
    const { jwks_uri: keys } = document;
    if (typeof keys !== 'string' || !isTrustworthy(keys))
      throw new ConfigError('JWT_ISSUER', `an issuer whose jwks_uri is an https:// URL; set JWT_JWKS_URL otherwise`, String(keys));
    return keys;
  }

  private setOf(text: string, url: string, variable: string): JWTVerifyGetKey {
    const jwks = jsonOf(text) as { keys?: unknown } | null | undefined;
    if (!Array.isArray(jwks?.keys) || jwks.keys.length === 0)
      throw new ConfigError(variable, 'one with a JSON Web Key Set of one key at least', `another text at ${url}`);
    try {
      return this.makeSet(jwks as Parameters<MakeSet>[0]);
    } catch (error) {
      throw new ConfigError(variable, 'one with a valid JSON Web Key Set', `${url}: ${(error as Error).message}`);
    }
  }
}

function unknown(): RightsUnknown {
  return new RightsUnknown("the identity provider's keys cannot be read now, so nobody can tell whether this token is valid; try again");
}

/** A redirect is not followed: it may lead to where `isTrustworthy` would not let us. */
async function textAt(url: string, variable: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(WITHIN_MS), headers: { accept: 'application/json' } });
  const { status } = response;
  if (status >= 500 || status === 408 || status === 429) throw new Error(`expected ${url} to answer 200, got: ${status}`);
  if (status !== 200) throw new ConfigError(variable, 'one whose keys can be read', `${status} from ${url}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_BYTES) throw new Error(`expected ${url} to answer with ${MOST_BYTES} bytes at most, got more`);
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
