import type { Sees } from '@app/core';
import { tenantOf } from '@app/host';
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
