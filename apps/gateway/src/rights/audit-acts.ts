import { type Logger, nameIn, ofTenant, type Schedule, uuidv7 } from '@app/core';
import { type Store, storedTenant } from '@app/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientOfRequest } from '../http/client-of.js';
import { refuseDryRun } from '../http/dry-run.js';
import { pathOf } from '../http/target.js';
import { addHookTo } from '../http/route-hooks.js';
import { principalOf } from './caller.js';
import { type Operation, operationOf, OPERATIONS } from './operations.js';
import { checkReason, isOnlyAsked, reasonOf } from './reasons.js';
import { tenantOfCaller, viewerOf } from './tenant.js';
import { tenantOfRule } from '../retention/read-retention.js';
import { findWorker, queuesOf } from '../workers/worker-view.js';

/** Values longer than this, as JSON, are left out: the audit says what was done, and is no copy of the data. */
const LONGEST = 4_096;
/** `statusUrl`: whoever has the link sees what it leads to. */
const SECRET = new Set(['secret', 'key', 'password', 'token', 'statusUrl']);
const NO_DATA: ReadonlySet<string> = new Set();
const BEFORE = Symbol('before');
/** Of jobs and dead letters, whose data is erased with them and must not stay here: what an answer or a request has of it. */
const DATA = new Set(['payload', 'result', 'progress', 'error', 'errors']);
const WITH_DATA = /^\/(jobs|dead-letters|erasures)\b/;
type Acting = FastifyRequest & { [BEFORE]?: unknown };

/** Reads what a path names, before it is changed; null where there is nothing, undefined where nobody can say. */
type ReadBefore = (store: Store, name: string, tenant: string, request: FastifyRequest) => Promise<unknown>;

const READERS: readonly [beginning: RegExp, read: ReadBefore][] = [
  [/^\/limits\/:name/, (store, name) => store.limits.find(name)],
  [/^\/retention\/:kinds/, async (store, kinds, _, request) => store.retentionRules.find(tenantOfRule(viewerOf(request)), kinds)],
  [/^\/tenants\/:tenant/, (store, name) => store.quotas.find(name)],
  [/^\/schedules\/:id/, async (store, id, tenant) => withOwnName(await store.schedules.find(ofTenant(tenant, id)))],
  [
    /^\/workers\/:id\/queues/,
    async (store, id) => {
      const worker = await findWorker(store, id);
      return worker && queuesOf(worker);
    },
  ],
  [/^\/queues\/:name/, async (store, name) => (await store.queues.all()).find((queue) => queue.name === name) ?? null],
];

/**
 * Writes down each act that has changed something, before it is answered: an act that was answered is in the audit. A dry run is none. One whose process died between the
 * act and its record is not, and its caller has no answer either. Where the record cannot be stored, it is logged whole as an error, and the act stands.
 * `reasonsRequired`: the acts that are refused without a reason.
 */
export function auditActs(fastify: FastifyInstance, store: Store, logger: Logger, reasonsRequired: ReadonlySet<string>): void {
  // Only the routes of acts have these hooks: submissions and reads are many, and pay nothing.
  fastify.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => operationOf(method, route.url).act)) return;
    addHookTo(route, 'preHandler', (request, _reply, done) => {
      const operation = operationOf(request.method, route.url);
      if (operation.act) {
        refuseDryRun(request, { inBody: operation.dryRun === true, instead: dryRunOf(operation, route.url) });
        checkReason(request, operation, reasonsRequired);
      }
      done();
    });
    const [, read] = READERS.find(([beginning]) => beginning.test(route.url)) ?? [];
    if (read) {
      addHookTo(route, 'preHandler', async (request: FastifyRequest) => {
        const [name] = Object.values(request.params as Record<string, string>);
        // What cannot be read is answered by the act itself.
        if (name !== undefined) (request as Acting)[BEFORE] = await read(store, name, tenantOfCaller(request), request).catch(() => undefined);
      });
    }
    addHookTo(route, 'onSend', async (request, reply, payload) => {
      const operation = operationOf(request.method, route.url);
      if (operation.act && reply.statusCode < 400 && !isOnlyAsked(request, operation)) await write(store, logger, operation, request, reply, payload);
      return payload;
    });
  });
}

function dryRunOf({ name, dryRun }: Operation, route: string): string {
  if (dryRun) return `${name} takes it in its body: {"dryRun": true}`;
  const other = `POST ${route}/dry-run`;
  return Object.hasOwn(OPERATIONS, other) ? `${other.replaceAll(/:(\w+)/g, '{$1}')} says what ${name} would do` : `${name} has no dry run`;
}

async function write(store: Store, logger: Logger, operation: Operation, request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
  const { tenant, subject, via } = principalOf(request.raw);
  const hidden = WITH_DATA.test(pathOf(request.url)) ? DATA : NO_DATA;
  const detail = {
    ...shortened('reason', reasonOf(request, operation)),
    ...shortened('request', request.body, hidden),
    ...shortened('before', (request as Acting)[BEFORE]),
    ...shortened('after', typeof payload === 'string' ? parsed(payload) : undefined, hidden),
  };
  const record = {
    id: uuidv7(),
    tenant: storedTenant(tenant),
    subject,
    via,
    action: operation.name,
    target: pathOf(request.url),
    outcome: reply.statusCode,
    ip: clientOfRequest(request.raw),
    detail,
  };
  await writeDown(store, logger, record);
}

/** Never rejects. */
export async function writeDown(store: Pick<Store, 'audit'>, logger: Logger, record: Parameters<Store['audit']['add']>[0]): Promise<void> {
  try {
    await store.audit.add(record);
  } catch (error) {
    logger.error({ err: error, audit: record }, 'an act could not be written down in the audit; this line is its record');
  }
}

/** As its tenant calls it. */
function withOwnName(schedule: Schedule | null): Schedule | null {
  return schedule && { ...schedule, id: nameIn(schedule.id) };
}

/** Without secrets and what is hidden, and not at all where it is too long. */
function shortened(name: string, value: unknown, hidden: ReadonlySet<string> = NO_DATA): Record<string, unknown> {
  if (value === undefined || value === '') return {};
  const isLeftOut = (field: string, inner: unknown) => (SECRET.has(field) && typeof inner === 'string') || (hidden.has(field) && inner !== null);
  const text = JSON.stringify(value, (field, inner: unknown) => (isLeftOut(field, inner) ? '…' : inner));
  return { [name]: text.length <= LONGEST ? (JSON.parse(text) as unknown) : `… ${text.length} characters` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
