import { SECURITY_HEADERS } from '@app/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DoorRules, doorProblem, shown } from './front-door.js';
import { problem, sendProblem } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { pathOf } from './target.js';
import { addVary } from './vary.js';

/** What a page may read of an answer, beside the body. */
const EXPOSED = 'ETag, Idempotency-Replayed, Location, Preference-Applied, Retry-After';
const PREFLIGHT_SECONDS = '600';
/** How long the rest of a refused body is read away, so that the client gets to read why; then its connection is cut. */
const READ_AWAY_MS = 5_000;
/** RFC 9110, 8.4: bodies are taken as they are. */
const NO_CODING = 'identity';

/**
 * The first thing that sees a request: gives its answer the headers that every answer has, and refuses what is not for us, not from us, or
 * not a request that a route can be asked. Costs the same for every request.
 */
export function guardRequests(fastify: FastifyInstance, rules: DoorRules): void {
  const routes = new RouteTable();
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  fastify.addHook('onRequest', (request, reply, done) => {
    prepare(request, reply, rules);
    if (refusedAtDoor(request, reply, rules) || isPreflight(request, reply, rules, routes) || unanswerable(request, reply, routes)) return;
    done();
  });
}

/** The headers of every answer, also of one that no hook sees: that to a URL which cannot be decoded. */
export function prepare(request: FastifyRequest, reply: FastifyReply, { origins }: DoorRules): void {
  void reply.headers(SECURITY_HEADERS);
  if (!origins.letsOthersIn) return;
  addVary(reply, 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && origins.lists(origin)) void reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
}

/** True when it is answered. */
export function refusedAtDoor(request: FastifyRequest, reply: FastifyReply, rules: DoorRules): boolean {
  const refused = doorProblem(request.raw, request.originalUrl, pathOf(request.url), rules);
  return refused !== undefined && refuse(request, reply, refused.code, refused.detail);
}

/** The question of a browser whether a page may ask (Fetch, 4.8): only of origins that may; to all others the method does not exist. */
function isPreflight(request: FastifyRequest, reply: FastifyReply, { origins }: DoorRules, routes: RouteTable): boolean {
  const { origin } = request.headers;
  if (request.method !== 'OPTIONS' || origin === undefined || request.headers['access-control-request-method'] === undefined || !origins.lists(origin))
    return false;
  const allowed = routes.allowed(pathOf(request.url));
  if (allowed === undefined) return false;
  addVary(reply, 'Access-Control-Request-Headers');
  void reply.header('access-control-allow-methods', allowed).header('access-control-max-age', PREFLIGHT_SECONDS);
  const wanted = request.headers['access-control-request-headers'];
  if (wanted !== undefined) void reply.header('access-control-allow-headers', wanted);
  if (request.headers['access-control-request-private-network'] === 'true') void reply.header('access-control-allow-private-network', 'true');
  void reply.code(204).send();
  return true;
}

function unanswerable(request: FastifyRequest, reply: FastifyReply, routes: RouteTable): boolean {
  const path = pathOf(request.url);
  const allow = request.is404 ? routes.allowed(path) : routes.mistaken(request.routeOptions.url, path);
  if (allow !== undefined) {
    void reply.header('allow', allow);
    return refuse(request, reply, 'method_not_allowed', `expected ${allow}, got ${request.method}`);
  }
  if (request.is404) return refuse(request, reply, 'not_found', `there is no ${shown(path)}; /docs and /openapi.json list what there is`);
  const { 'content-encoding': coding, 'transfer-encoding': transfer } = request.headers;
  if (transfer !== undefined && transfer.toLowerCase() !== 'chunked')
    return refuse(request, reply, 'malformed_request', `expected Transfer-Encoding to be chunked alone, got: ${shown(transfer)}`);
  if (coding === undefined || coding === '' || coding.toLowerCase() === NO_CODING || !hasBody(request)) return false;
  void reply.header('accept-encoding', NO_CODING);
  return refuse(request, reply, 'unsupported_media_type', `expected a body without Content-Encoding, got: ${shown(coding)}; send it as it is`);
}

export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuse(request: FastifyRequest, reply: FastifyReply, ...[code, detail]: [code: Parameters<typeof problem>[0], detail: string]): true {
  sendProblem(reply, problem(code, detail, request.url));
  const { raw } = request;
  if (!raw.complete && hasBody(request)) {
    const cut = setTimeout(() => raw.complete || raw.socket.destroy(), READ_AWAY_MS);
    raw.once('close', () => clearTimeout(cut));
  }
  return true;
}
