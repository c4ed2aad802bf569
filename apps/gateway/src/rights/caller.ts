import type { IncomingMessage } from 'node:http';
import { LOCAL, type Principal } from '@app/host';
import type { RateHeaders } from './request-rate.js';

/** Who has sent a request, and a way to ask later whether it still may. */
export interface Caller {
  principal: Principal;
  /** Looks at the credentials anew; undefined when they hold no more, or no more for what was asked. */
  again: () => Promise<Principal | undefined>;
  /** What its answers say of the limit on requests; undefined where there is none. */
  rateHeaders: RateHeaders | undefined;
}

/** A member of the request itself, because entries of a weak map cost the garbage collector more. */
const CALLER = Symbol('caller');
type WithCaller = IncomingMessage & { [CALLER]?: Caller };

export function setCaller(request: IncomingMessage, caller: Caller): void {
  (request as WithCaller)[CALLER] = caller;
}

/** Undefined where AUTH is off, and for what is open. */
export function callerOf(request: IncomingMessage): Caller | undefined {
  return (request as WithCaller)[CALLER];
}

export function principalOf(request: IncomingMessage): Principal {
  return callerOf(request)?.principal ?? LOCAL;
}
