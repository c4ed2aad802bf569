import type { Problem, ProblemCode } from '@app/contracts';
import { SECURITY_HEADERS } from '@app/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { seeClient } from './client-of.js';
import { type DoorRules, doorProblem, shown } from './front-door.js';
import { problem, sendProblem } from './problem.filter.js';
import { RouteTable } from './route-table.js';
import { pathOf } from './target.js';
import { addVary } from './vary.js';

/** The headers of an answer that a page may read. */
const EXPOSED = 'ETag, Idempotency-Replayed, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, Unique-Replayed';
const PREFLIGHT_SECONDS = '600';
/** How long the rest of a refused body is read and dropped, so that the client can read the answer. Then its connection is cut. */
const READ_AWAY_MS = 5_000;
/** RFC 9110, 8.4: encoded bodies are not accepted. */
const NO_CODING = 'identity';

/**
 * The first code that handles a request. It adds the headers of every answer, and refuses requests for another host, from pages of other origins, or
 * in a form that no route accepts. It costs the same for every request.
 */
export function guardRequests(fastify: FastifyInstance, rules: DoorRules): void {
  const routes = new RouteTable();
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  fastify.addHook('onRequest', (request, reply, done) => {
    if (rules.proxies) seeClient(request.raw, rules.proxies);
    prepare(request, reply, rules);
    if (refusedAtDoor(request, reply, rules) || isPreflight(request, reply, rules, routes) || unanswerable(request, reply, routes)) return;
    done();
  });
}

/** Adds the headers of every answer, also of the one that no hook sees: that to a URL that cannot be decoded. */
export function prepare(request: FastifyRequest, reply: FastifyReply, { origins }: DoorRules): void {
  void reply.headers(SECURITY_HEADERS);
  if (!origins.letsOthersIn) return;
  addVary(reply, 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && origins.lists(origin)) void reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
}

/** True when the request has been answered. */
export function refusedAtDoor(request: FastifyRequest, reply: FastifyReply, rules: DoorRules): boolean {
  const refused = doorProblem(request.raw, request.originalUrl, pathOf(request.url), rules);
  return refused !== undefined && refuse(request, reply, refused.code, refused.detail);
}

/** Answers a browser's preflight request (Fetch, 4.8) for allowed origins. For all others the method does not exist. */
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
  if (request.is404) return refuse(request, reply, 'not_found', `there is no ${shown(path)}; /openapi.json lists what there is`);
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

/** Answers a request whose body is not read. */
export function refuse(request: FastifyRequest, reply: FastifyReply, code: ProblemCode, detail: string, exceeded?: Problem['exceeded']): true {
  sendProblem(reply, { ...problem(code, detail, request.url), ...(exceeded && { exceeded }) });
  const { raw } = request;
  if (!raw.complete && hasBody(request)) {
    const cut = setTimeout(() => raw.complete || raw.socket.destroy(), READ_AWAY_MS);
    raw.once('close', () => clearTimeout(cut));
  }
  return true;
}
