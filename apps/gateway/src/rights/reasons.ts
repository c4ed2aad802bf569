import { PAUSE_TEXT_MAX } from '@app/contracts';
import { PRINTABLE, Refusal } from '@app/core';
import type { FastifyRequest } from 'fastify';
import type { Operation } from './operations.js';

/** Takes the reason of any act, also of one without a body. Text beyond ASCII is UTF-8, percent-encoded or as it is. */
export const REASON_HEADER = 'Act-Reason';

export const A_REASON = `a printable text of at most ${PAUSE_TEXT_MAX} characters`;

export function isReason(text: string): boolean {
  return text.length <= PAUSE_TEXT_MAX && PRINTABLE.test(text);
}

/** Why an act is done: what its body says, and else its header; undefined where neither does. Throws a `Refusal` for a header that is no text. */
export function reasonOf(request: FastifyRequest, { reasonAt }: Operation): string | undefined {
  const header = headerOf(request);
  return (reasonAt === undefined ? undefined : inBody(request.body, reasonAt)) ?? header;
}

/** Refuses a required act without a reason, and any act whose header is no text. A dry run needs none: it changes nothing. */
export function checkReason(request: FastifyRequest, operation: Operation, required: ReadonlySet<string>): void {
  const { name, reasonAt } = operation;
  if (reasonOf(request, operation) !== undefined || isOnlyAsked(request, operation) || !required.has(name)) return;
  const where = `as the header ${REASON_HEADER}`;
  throw new Refusal(
    'reason_required',
    `expected a reason${reasonAt === undefined ? '' : ` in the body, or`} ${where}, got none: this installation requires one for ${name} (REQUIRE_REASONS)`,
    reasonAt === undefined ? [] : [{ pointer: reasonAt, detail: `must say why, or be given ${where}` }],
  );
}

/** Whether a request for an act only asks what it would do. */
export function isOnlyAsked({ body }: Pick<FastifyRequest, 'body'>, { dryRun }: Operation): boolean {
  return dryRun === true && (body as { dryRun?: unknown } | null | undefined)?.dryRun === true;
}

function inBody(body: unknown, at: string): string | undefined {
  let value: unknown = body;
  for (const name of at.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  // A reason of blanks is none. What is no text the act itself refuses.
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function headerOf({ headers }: FastifyRequest): string | undefined {
  const given = headers[REASON_HEADER.toLowerCase()];
  if (typeof given !== 'string' || given.trim() === '') return undefined;
  const reason = decoded(given);
  if (reason === undefined || !isReason(reason)) throw new Refusal('malformed_request', `expected the header ${REASON_HEADER} to be ${A_REASON}, in UTF-8`);
  return reason;
}

/** Node reads each byte of a header as one character. */
function decoded(header: string): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
    return plain(text).trim();
  } catch {
    return undefined;
  }
}

/** A percent sign that encodes nothing stands for itself. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
