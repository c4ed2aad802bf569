import type { IncomingMessage } from 'node:http';
import { LOCAL, type Principal } from '@app/host';

/** Who has sent a request, and a way to ask later whether it still may. */
export interface Caller {
  principal: Principal;
  /** Looks at the credentials anew; undefined when they hold no more, or no more for what was asked. */
  again: () => Promise<Principal | undefined>;
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
