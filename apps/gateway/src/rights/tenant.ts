import { NO_TENANT, Refusal, type Sees, TENANT_PATTERN } from '@app/core';
import { readTenant, tenantOf } from '@app/host';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './caller.js';

/** Whose rows the caller may see: those of its tenant, or of all. Every read and act of a controller gives it to the store, which answers for these alone. */
export const SeenBy = createParamDecorator((_: unknown, context: ExecutionContext): Sees => seenBy(context.switchToHttp().getRequest<FastifyRequest>()));

/** The tenant of what the caller makes, and of what it calls by a name that each tenant chooses: its own; for a caller for all tenants, the default one. */
export const OfTenant = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  tenantOfCaller(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function seenBy(request: FastifyRequest): Sees {
  return principalOf(request.raw).tenant;
}

export function tenantOfCaller(request: FastifyRequest): string {
  return tenantOf(principalOf(request.raw));
}

/** As a condition of a filter: none where all tenants are seen. */
export function ofSeen(sees: Sees): { tenant?: string } {
  return sees === null ? {} : { tenant: sees };
}

/** What a list shows, and what of it. */
export interface Viewer {
  /** Whose rows: those of the tenant that `?tenant=` names, of which a caller who does not see it gets none; without it as {@link SeenBy}. */
  sees: Sees;
  /** The same for things that each tenant calls as it likes, such as schedules: without `?tenant=` as {@link OfTenant}. */
  named: string;
  /** Whose it is, as a member of a view. Empty for callers of one tenant, who know, and where there are none because AUTH is off. */
  whose: (stored: { tenant: string }) => { tenant?: string | null };
}

export const ViewedBy = createParamDecorator((_: unknown, context: ExecutionContext): Viewer => viewerOf(context.switchToHttp().getRequest<FastifyRequest>()));

const NOT_SHOWN = {};

/** Throws a `Refusal` for a `?tenant=` that is no name of a tenant. */
export function viewerOf(request: FastifyRequest): Viewer {
  const { tenant: own, via } = principalOf(request.raw);
  const asked = askedTenant(request.query as Record<string, unknown>);
  const sees = asked === undefined || asked === own ? own : own === null ? asked : NO_TENANT;
  const shows = own === null && via !== 'local';
  return { sees, named: sees ?? tenantOfCaller(request), whose: ({ tenant }) => (shows ? { tenant: readTenant(tenant) } : NOT_SHOWN) };
}

function askedTenant({ tenant }: Record<string, unknown>): string | undefined {
  if (tenant === undefined || tenant === '') return undefined;
  if (typeof tenant === 'string' && TENANT_PATTERN.test(tenant)) return tenant;
  throw new Refusal('malformed_request', 'expected query parameter "tenant" to be the name of a tenant');
}
