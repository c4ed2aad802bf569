import { type Clock, type Logger, PollingLoop } from '@app/core';
import type { createLocalJWKSet, JWTVerifyGetKey } from 'jose';
import { ConfigError } from '../environment.js';
import { RightsUnknown } from './principals.js';
import { jsonOf, textAt } from './provider-document.js';

/** How often the keys are read, so that one that its provider has taken away does not hold for longer. */
const READ_MS = 300_000;
/** The pause after a reading that failed. A key that is not known makes them be read at once, but no sooner than this either: anybody can name one. */
const REST_MS = 10_000;
const SHORT_REST_MS = 1_000;

/** Where the keys are, and the setting that is wrong when they are not there. */
export interface KeySource {
  variable: string;
  /** Called before each reading. */
  find: () => Promise<string> | string;
}

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
    private readonly source: KeySource,
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

  /**
   * Whether the provider has answered the last time that it was asked; it is asked now where that is some seconds ago, or a second where it did not answer:
   * a person waits for it.
   */
  async answers(): Promise<boolean> {
    await this.readAgain(this.failure === undefined ? REST_MS : SHORT_REST_MS);
    return this.failure === undefined;
  }

  /** Reads them once for all who want it at the same time, and not at all where they were just read. */
  private async readAgain(restMs = REST_MS): Promise<void> {
    if (!this.reading && this.clock.now() - this.readAt >= restMs) {
      this.readAt = this.clock.now();
      this.reading = this.read().finally(() => (this.reading = undefined));
    }
    await this.reading;
  }

  /** Never rejects. */
  private async read(): Promise<void> {
    try {
      const { variable } = this.source;
      const url = await this.source.find();
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
