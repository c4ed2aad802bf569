import { type Logger, uuidv7 } from '@app/core';
import { hashOf, LOGGER, newSessionToken, type Principal, Principals, Store, storedTenant } from '@app/host';
import type { RestsOn } from '@app/postgres';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientOfRequest } from '../http/client-of.js';
import { pathOf } from '../http/target.js';
import { writeDown } from './audit-acts.js';
import { principalOf } from './caller.js';
import { credentialsOf, SESSION_COOKIE } from './credentials.js';

const SESSION_SECONDS = 8 * 3_600;
/** What every cookie of ours has. `Strict`: a page of another site sends none of a session. */
export const COOKIE = 'Path=/; Secure; HttpOnly';
const STRICT = `${COOKIE}; SameSite=Strict`;

/** Opens and closes the sessions of browsers, however somebody has signed in, and writes both down in the audit. */
@Injectable()
export class BrowserSessions {
  constructor(
    private readonly store: Store,
    private readonly principals: Principals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves with its end. A session is a new one each time, so that nobody can prepare one for somebody else. */
  async open(request: FastifyRequest, reply: FastifyReply, who: Pick<Principal, 'tenant' | 'subject'>, on: RestsOn): Promise<Date> {
    const { text, hash } = newSessionToken();
    const until = await this.store.sessions.open(hash, on, SESSION_SECONDS);
    await this.written('openSession', request, who);
    void reply.header('set-cookie', `${SESSION_COOKIE}=${text}; Max-Age=${SESSION_SECONDS}; ${STRICT}`);
    return until;
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const credentials = credentialsOf(request.headers);
    if (credentials && 'session' in credentials) {
      await this.store.sessions.close(hashOf(credentials.session));
      await this.written('closeSession', request, principalOf(request.raw));
    }
    await this.principals.refresh();
    void reply.header('set-cookie', `${SESSION_COOKIE}=; Max-Age=0; ${STRICT}`);
  }

  private written(action: string, request: FastifyRequest, { tenant, subject }: Pick<Principal, 'tenant' | 'subject'>): Promise<void> {
    return writeDown(this.store, this.logger, {
      ...{ id: uuidv7(), tenant: storedTenant(tenant), subject, via: 'session', action, target: pathOf(request.url) },
      ...{ outcome: action === 'openSession' ? 200 : 204, ip: clientOfRequest(request.raw), detail: {} },
    });
  }
}
