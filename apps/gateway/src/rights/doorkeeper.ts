import type { IncomingMessage } from 'node:http';
import type { ProblemCode, Scope } from '@app/contracts';
import { allows, JwtTokens, KEY_PREFIX, type Principal, Principals, RightsUnknown } from '@app/host';
import { Injectable } from '@nestjs/common';
import { type Caller, setCaller } from './caller.js';
import { type Credentials, credentialsOf } from './credentials.js';
import type { Operation } from './operations.js';

/** A request that is not let in. */
export interface Refused {
  code: ProblemCode;
  detail: string;
  /** `WWW-Authenticate`, RFC 6750 section 3. */
  challenge: string | undefined;
}

const REALM = 'Bearer realm="longhaul"';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const HOW = 'send Authorization: Bearer <key>; longhaul keys create makes one';

/** Decides whether a request has the right that its operation needs. */
@Injectable()
export class Doorkeeper {
  constructor(
    private readonly principals: Principals,
    private readonly tokens: JwtTokens,
  ) {}

  /** Sets the request's caller, or says why it is refused. Answers at once for credentials that are known, which nearly all are. */
  judge(request: IncomingMessage, operation: Operation): Refused | undefined | Promise<Refused | undefined> {
    if (operation.needs === 'open') return undefined;
    const credentials = credentialsOf(request.headers);
    if (!credentials) return { code: 'unauthenticated', detail: `expected credentials, got none; ${HOW}`, challenge: REALM };
    // A browser sends the cookie by itself, also for a form of another page. No form can send this header.
    if ('session' in credentials && !SAFE.has(request.method ?? '') && request.headers['x-requested-by'] === undefined)
      return { code: 'foreign_origin', detail: 'expected the header X-Requested-By beside the cookie of a session', challenge: undefined };
    try {
      const found = this.find(credentials);
      return found instanceof Promise
        ? found.then((principal) => this.decide(request, operation, credentials, principal), unknown)
        : this.decide(request, operation, credentials, found);
    } catch (error) {
      return unknown(error);
    }
  }

  private find(credentials: NonNullable<Credentials>): Principal | undefined | Promise<Principal | undefined> {
    if ('session' in credentials) return this.principals.ofSession(credentials.session);
    const { bearer } = credentials;
    return bearer.startsWith(KEY_PREFIX) ? this.principals.ofKey(bearer) : this.tokens.of(bearer);
  }

  private decide(request: IncomingMessage, { needs }: Operation, credentials: NonNullable<Credentials>, principal: Principal | undefined): Refused | undefined {
    if (!principal) {
      const what = 'session' in credentials ? 'session' : credentials.bearer.startsWith(KEY_PREFIX) ? 'key' : 'key or token';
      return {
        code: 'unauthenticated',
        detail: `expected a valid ${what}, got one that is unknown, revoked or over; ${HOW}`,
        challenge: `${REALM}, error="invalid_token"`,
      };
    }
    if (needs !== 'anyone' && !allows(principal, needs as Scope))
      return {
        code: 'insufficient_scope',
        detail: `expected the scope ${needs}, which this ${principal.via === 'jwt' ? 'token' : 'key'} does not have`,
        challenge: `${REALM}, error="insufficient_scope", scope="${needs}"`,
      };
    const again = async (): Promise<Principal | undefined> => {
      const found = await this.find(credentials);
      return found && (needs === 'anyone' || allows(found, needs as Scope)) ? found : undefined;
    };
    const caller: Caller = { principal, again };
    setCaller(request, caller);
    return undefined;
  }
}

/** Nobody is let in whose rights cannot be read. */
function unknown(error: unknown): Refused {
  const detail = error instanceof RightsUnknown ? error.message : 'the database does not answer now, so keys cannot be checked; try again';
  return { code: 'unavailable', detail, challenge: undefined };
}
