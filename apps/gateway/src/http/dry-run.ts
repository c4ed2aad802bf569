import { Refusal } from '@app/core';
import type { FastifyRequest } from 'fastify';

/** Whether the request only asks what would be. Refuses a value that is neither yes nor no: it would otherwise make a job that nobody wants. */
export function isDryRun({ query }: FastifyRequest): boolean {
  const { dryRun, ...others } = query as { dryRun?: unknown };
  for (const name in others) if (meansDryRun(name)) throw refused(name, `expected dryRun, got: ${name.slice(0, 50)}`, 'is spelled dryRun');
  if (dryRun === undefined || dryRun === 'false') return false;
  if (dryRun === '' || dryRun === 'true') return true;
  throw refused('dryRun', `expected dryRun to be true or false, once, got: ${JSON.stringify(dryRun).slice(0, 100)}`, 'must be true or false, once');
}

/** Refuses what is not to be done, where the request says so and there is no such thing: its jobs would be made. */
export function withoutDryRun({ query }: FastifyRequest): void {
  for (const name in query as object)
    if (meansDryRun(name)) throw refused(name, 'a batch has no dry run; ask for one of its jobs with POST /jobs?dryRun', 'is for one job at a time');
}

/**
 * Refuses an act that would be done although its caller asks for a dry run: by the query, or by a body that the act does not read. `inBody`: its body
 * may ask for one. `instead`: where one is asked for.
 */
export function refuseDryRun({ query, body }: Pick<FastifyRequest, 'query' | 'body'>, { inBody, instead }: { inBody: boolean; instead: string }): void {
  const message = `expected no dryRun here, where it would change nothing of what is done; ${instead}`;
  for (const name in query as object) if (meansDryRun(name)) throw refused(name, message, 'is not known here');
  if (inBody || typeof body !== 'object' || body === null || Array.isArray(body)) return;
  for (const name in body) if (meansDryRun(name) && (body as Record<string, unknown>)[name] !== false) throw refused(name, message, 'is not known here');
}

/** Of each name of a body it is asked, and there may be a hundred thousand. */
function meansDryRun(name: string): boolean {
  return name.length >= 6 && name.length <= 8 && name.replaceAll(/[-_]/g, '').toLowerCase() === 'dryrun';
}

function refused(name: string, message: string, detail: string): Refusal {
  return new Refusal('malformed_request', message, [{ pointer: `/${name}`, detail }]);
}
