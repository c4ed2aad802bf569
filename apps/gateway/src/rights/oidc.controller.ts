import { ApiExcludeController } from '@app/contracts/schemas';
import { type Logger, publicPath, Refusal } from '@app/core';
import { CONFIG, LOGGER, OidcProvider, readTenant, RightsUnknown, SignInRefused } from '@app/host';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../gateway.config.js';
import { clientOfRequest } from '../http/client-of.js';
import { escaped } from '../http/page.js';
import { prefersHtml } from '../http/prefers-html.js';
import { problemOf, sendProblem } from '../http/problem.filter.js';
import { pathOf } from '../http/target.js';
import { brandedPage, STATUS_POLICY } from '../status/status-page.js';
import { icon } from '../status/status-style.js';
import { BrowserSessions, COOKIE } from './browser-sessions.js';
import { newTicket, readTicket, TICKET_COOKIE, TICKET_SECONDS } from './sign-in-ticket.js';
import { SignIns } from './sign-ins.js';

const BEGIN = '/session/oidc';
const BACK = `${BEGIN}/callback`;
const LAX = `${COOKIE}; SameSite=Lax`;

/** Leads a browser to the identity provider, and back to the console with a session. */
@ApiExcludeController()
@Controller('session/oidc')
export class OidcController {
  constructor(
    private readonly provider: OidcProvider,
    private readonly sessions: BrowserSessions,
    private readonly signIns: SignIns,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  async begin(@Query('goTo') goTo: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, reply, async () => {
      this.signIns.admit(clientOfRequest(request.raw));
      const { cookie, ...ticket } = newTicket(goTo);
      const to = await this.provider.addressFor({ ...ticket, redirectUri: this.redirectUri(request) });
      void reply.header('set-cookie', `${TICKET_COOKIE}=${cookie}; Max-Age=${TICKET_SECONDS}; ${LAX}`);
      await reply.redirect(to, 303);
    });
  }

  @Get('callback')
  async back(@Query() query: Record<string, unknown>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, reply, async () => {
      const client = clientOfRequest(request.raw);
      this.signIns.admit(client);
      void reply.header('set-cookie', `${TICKET_COOKIE}=; Max-Age=0; ${LAX}`);
      try {
        const { code, state = '', error, iss } = textsIn(query);
        const ticket = readTicket(request.headers.cookie, state);
        if (!ticket)
          throw new SignInRefused(
            'this browser has not begun to sign in, or more than ten minutes ago, or again meanwhile; begin again',
            'no cookie of this state',
          );
        if (code === undefined) throw new SignInRefused(`the identity provider has not signed you in${error === undefined ? '' : `: ${error.slice(0, 100)}`}`);
        const holder = await this.provider.holderOf(code, iss, { ...ticket, redirectUri: this.redirectUri(request) });
        await this.sessions.open(request, reply, { tenant: readTenant(holder.tenant), subject: holder.subject }, { holder });
        await reply.redirect(publicPath(ticket.goTo), 303);
      } catch (error) {
        if (error instanceof SignInRefused) this.signIns.countFailure(client);
        throw error;
      }
    });
  }

  /** Registered at the provider, which sends nobody elsewhere. Without `PUBLIC_URL` the gateway is on loopback, and the host was checked. */
  private redirectUri({ headers }: FastifyRequest): string {
    const { publicUrl } = this.config.web;
    return publicUrl ? publicUrl.href + BACK : `http://${headers.host ?? 'localhost'}${BACK}`;
  }

  /** A person is shown a page, with the way to begin again; a program gets a problem. */
  private async answer(request: FastifyRequest, reply: FastifyReply, go: () => Promise<void>): Promise<void> {
    if (!this.provider.config) throw new Refusal('not_found', 'nobody signs in here with an account of an identity provider: OIDC_ISSUER is not set');
    try {
      await go();
    } catch (error) {
      const meant = this.meaningOf(error);
      // Without the query, which has the code.
      const problem = problemOf(meant, pathOf(request.url));
      const { status, title, detail } = problem;
      if (status >= 500 && !(meant instanceof Refusal)) this.logger.error({ err: error }, 'a sign-in has failed');
      if (!prefersHtml(request.headers.accept)) {
        sendProblem(reply, problem);
        return;
      }
      void reply.code(status).type('text/html; charset=utf-8').header('content-security-policy', STATUS_POLICY);
      await reply.send(failurePage(meant instanceof Refusal ? 'You are not signed in' : title, detail));
    }
  }

  private meaningOf(error: unknown): unknown {
    if (error instanceof RightsUnknown) return new Refusal('unavailable', error.message);
    if (!(error instanceof SignInRefused)) return error;
    this.logger.warn({ reason: error.reason }, 'a sign-in with an account of the identity provider was refused');
    return new Refusal(error.hasNoRights ? 'insufficient_scope' : 'unauthenticated', error.message);
  }
}

/** What is given once, as a text that is not empty. */
function textsIn(query: Record<string, unknown>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''));
}

function failurePage(title: string, detail: string): string {
  const sentence = escaped(detail.charAt(0).toUpperCase() + detail.slice(1));
  return brandedPage({
    title,
    look: 'failed',
    content: `<div class="head">${icon('failed')}<div><h1>${escaped(title)}</h1></div></div>\n<p>${sentence}.</p>\n<p><a href="${escaped(publicPath('/console'))}">Back to the console</a></p>\n`,
  });
}
