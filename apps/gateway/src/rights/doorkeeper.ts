import type { IncomingMessage } from 'node:http';
import type { Problem, ProblemCode, Scope } from '@app/contracts';
import type { Metrics } from '@app/core';
import { allows, METRICS, OIDC_SUBJECT, type Principal, RightsUnknown } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { clientOfRequest } from '../http/client-of.js';
import { RateExceeded } from '../http/rate-exceeded.js';
import { type Caller, setCaller } from './caller.js';
import { type Credentials, credentialsShown } from './credentials.js';
import type { Operation } from './operations.js';
import { RequestRate } from './request-rate.js';
import { isKey, SignIns } from './sign-ins.js';
import { targetOf, ticketIn } from './stream-target.js';
import { StreamTickets } from './stream-tickets.js';

/** A request that is not let in. */
export interface Refused {
  code: ProblemCode;
  detail: string;
  /** `WWW-Authenticate` (RFC 6750, section 3), or when to come again. */
  headers: Record<string, string>;
  exceeded?: Problem['exceeded'];
}

const REALM = 'Bearer realm="longhaul"';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const UNKNOWN_TICKET = 'expected a ticket of this stream that nobody has used, not older than 30 s; POST /events/tickets makes one';
const HOW = 'send Authorization: Bearer <key>; longhaul keys create makes one';

/** Decides whether a request has the right that its operation needs. */
@Injectable()
export class Doorkeeper {
  constructor(
    private readonly signIns: SignIns,
    private readonly rate: RequestRate,
    private readonly tickets: StreamTickets,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  /** Sets the request's caller, or says why it is refused. Answers at once for credentials that are known, which nearly all are. */
  judge(request: IncomingMessage, operation: Operation): Refused | undefined | Promise<Refused | undefined> {
    if (operation.needs === 'open') return undefined;
    const judged = this.judgeShown(request, operation);
    return judged instanceof Promise ? judged.then((refused) => this.counted(refused)) : this.counted(judged);
  }

  private judgeShown(request: IncomingMessage, operation: Operation): Refused | undefined | Promise<Refused | undefined> {
    const credentials = credentialsShown(request);
    if (credentials) return this.judgeCredentials(request, operation, credentials);
    const { url = '' } = request;
    const ticket = ticketIn(url);
    if (ticket === undefined) return unauthenticated(`expected credentials, got none; ${HOW}`, REALM);
    return this.tickets
      .redeem(ticket, targetOf(url))
      .then((found) => (found ? this.judgeCredentials(request, operation, found) : unauthenticated(UNKNOWN_TICKET, `${REALM}, error="invalid_token"`)), notNow);
  }

  private judgeCredentials(
    request: IncomingMessage,
    operation: Operation,
    credentials: NonNullable<Credentials>,
  ): Refused | undefined | Promise<Refused | undefined> {
    // A browser sends the cookie by itself, also for a form of another page. No form can send this header.
    if ('session' in credentials && !SAFE.has(request.method ?? '') && request.headers['x-requested-by'] === undefined)
      return { code: 'foreign_origin', detail: 'expected the header X-Requested-By beside the cookie of a session', headers: {} };
    try {
      const known = this.signIns.known(credentials);
      if (known) return this.decide(request, operation, credentials, known);
    } catch (error) {
      return notNow(error);
    }
    return this.signIns.of(credentials, clientOfRequest(request)).then((found) => this.decide(request, operation, credentials, found), notNow);
  }

  private decide(
    request: IncomingMessage,
    { needs, ofInstallation }: Operation,
    credentials: NonNullable<Credentials>,
    principal: Principal | undefined,
  ): Refused | undefined {
    if (!principal) {
      const what = 'session' in credentials ? 'session' : isKey(credentials.bearer) ? 'key' : 'key or token';
      return unauthenticated(`expected a valid ${what}, got one that is unknown, revoked or over; ${HOW}`, `${REALM}, error="invalid_token"`);
    }
    const counted = this.rate.count(principal);
    if (counted?.refused) return notNow(counted.refused, counted.headers);
    if (needs !== 'anyone' && !allows(principal, needs as Scope))
      return {
        code: 'insufficient_scope',
        detail: `expected the scope ${needs}, which this ${whatOf(principal)} does not have`,
        headers: { 'www-authenticate': `${REALM}, error="insufficient_scope", scope="${needs}"`, ...counted?.headers },
      };
    if (ofInstallation && principal.tenant !== null)
      return {
        code: 'insufficient_scope',
        detail: `expected ${whatOf(principal) === 'account' ? 'an account' : `a ${whatOf(principal)}`} for all tenants, because this belongs to the whole installation; got one of the tenant ${principal.tenant}`,
        headers: { 'www-authenticate': `${REALM}, error="insufficient_scope"`, ...counted?.headers },
      };
    const holds = (found: Principal) => (needs === 'anyone' || allows(found, needs as Scope)) && found.tenant === principal.tenant;
    const again = async (): Promise<Principal | undefined> => {
      // Without the bound: whoever has used it up would keep a stream whose right is gone.
      const found = await this.signIns.lookUp(credentials);
      return found && holds(found) ? found : undefined;
    };
    const caller: Caller = { principal, again, rateHeaders: counted?.headers };
    setCaller(request, caller);
    return undefined;
  }

  private counted(refused: Refused | undefined): Refused | undefined {
    if (refused) this.metrics.count('turned_away_total', { reason: refused.code });
    return refused;
  }
}

/** What its rights are of. */
function whatOf({ via, subject }: Principal): 'key' | 'token' | 'account' {
  if (via === 'jwt') return 'token';
  return subject.startsWith(OIDC_SUBJECT) ? 'account' : 'key';
}

function unauthenticated(detail: string, challenge: string): Refused {
  return { code: 'unauthenticated', detail, headers: { 'www-authenticate': challenge } };
}

/** Nobody is let in whose rights cannot be read, or who comes too often. */
function notNow(error: unknown, headers: Record<string, string> = {}): Refused {
  if (error instanceof RateExceeded) {
    const { code, message, exceeded } = error;
    return { code, detail: message, headers: { ...headers, 'retry-after': String(exceeded.retryAfterSeconds) }, exceeded };
  }
  const detail = error instanceof RightsUnknown ? error.message : 'the database does not answer now, so keys cannot be checked; try again';
  return { code: 'unavailable', detail, headers };
}
