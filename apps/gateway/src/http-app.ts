import { Admission, writeJson } from '@app/core';
import { answerClientError, answerEverything, Certificate, type createLogger, MAX_HEADER_BYTES, NestLogger } from '@app/host';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server as HttpsServer } from 'node:https';
import { DOCS_PATH } from './api-docs/pages.js';
import { OpenStreams } from './events/open-streams.js';
import { boundUploads } from './files/bound-uploads.js';
import { registerUploads } from './files/uploads.js';
import { GatewayModule } from './gateway.module.js';
import type { GatewayParts } from './gateway-parts.js';
import { countRequests, showBounds, showGateway } from './health/gateway-metrics.js';
import { acceptJson } from './http/accept-json.js';
import { BodyBudget, budgetBodies } from './http/body-budget.js';
import { boundConnections } from './http/bound-connections.js';
import { guardRequests, prepare, refusedAtDoor } from './http/guard-requests.js';
import { OriginRule } from './http/origin-rule.js';
import { ProblemFilter, problemOf, sendProblem } from './http/problem.filter.js';
import { pathAndQuery } from './http/target.js';
import { auditActs } from './rights/audit-acts.js';
import { Doorkeeper } from './rights/doorkeeper.js';
import { guardRights } from './rights/guard-rights.js';
import { explainSockets, GuardedSockets } from './http/web-sockets.js';
import { JobWaiter } from './jobs/job-waiter.js';
import { JobsController } from './jobs/jobs.controller.js';
import { serveDirectly } from './jobs/serve-directly.js';

/** No route has a schema of Fastify's. Its own compilers are two hundred files, which each start would load. */
const noSchema = () => () => {
  throw new TypeError('expected a route without a schema of Fastify, for classes say what is valid');
};
const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } };

/**
 * The application of a gateway with all that its HTTP server needs, apart from the pages of its documents; `listen` starts it. `direct`: `POST /jobs` does not go through Nest's router; the
 * answers are the same without it, which `serve-directly.int-spec.ts` shows.
 */
export async function httpApp(parts: GatewayParts & { logger: ReturnType<typeof createLogger> }, { direct = true } = {}): Promise<NestFastifyApplication> {
  const { config, logger, store, metrics } = parts;
  const { publicUrl, hosts } = config.web;
  const below = publicUrl?.path ?? '';
  const rules = { hosts, origins: new OriginRule(config.origins, publicUrl), proxies: config.proxies };
  const certificate = config.tls ? new Certificate(config.tls, logger) : undefined;
  // Node itself would refuse a request without Host, and without a reason.
  const server = { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false, headersTimeout: config.admission.bodyMs, connectionsCheckingInterval: 1_000 };
  const adapter = new FastifyAdapter({
    bodyLimit: config.maxBodyBytes,
    schemaController: NO_SCHEMAS,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    // budgetBodies cuts slow bodies. There is no general limit, because an upload may take long.
    ...(certificate ? { https: { ...server, ...certificate.options } } : { http: server }),
    // Longer URLs are refused elsewhere. This limit only keeps the router from refusing a long parameter itself.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    // The slash at the end of /docs makes a difference, because the page loads files by relative paths.
    rewriteUrl: (request: FastifyRequest['raw']) => pathAndQuery(request.url ?? '/', below, `${DOCS_PATH}/`),
    // Requests that Fastify refuses without a route, such as a URL that cannot be decoded.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      prepare(request, reply, rules);
      if (!refusedAtDoor(request, reply, rules)) sendProblem(reply, problemOf(error, request.url));
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of(parts), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  // This comes before all other hooks: nothing is done, counted or kept for a request that is refused here.
  guardRequests(fastify, rules);
  const door = config.rights.auth ? app.get(Doorkeeper) : undefined;
  if (door) guardRights(fastify, door, async (id, sees) => (await store.jobs.view(id, sees))?.kind ?? null);
  auditActs(fastify, store, logger, config.reasonsRequired);
  const admission = app.get(Admission);
  countRequests(fastify, metrics);
  explainSockets(fastify);
  metrics.gauge('event_streams', () => [[app.get(OpenStreams).size]]);
  showGateway(metrics, store, admission, config.admission.limits);
  budgetBodies(fastify, app.get(BodyBudget), admission, {
    maxTotal: config.admission.limits.bodyBytes,
    maxOfClient: config.admission.bodyBytesOfClient,
    withinMs: config.admission.bodyMs,
    refused: (code) => metrics.count('submissions_refused_total', { door: 'http', reason: code }),
  });
  boundUploads(fastify, config.bounds, store.reservations);
  acceptJson(fastify, config.maxJsonMembers);
  fastify.setReplySerializer(writeJson);
  await registerUploads(app);
  app.useWebSocketAdapter(new GuardedSockets(app, rules, below, door));
  app.useGlobalFilters(new ProblemFilter(logger, config.redaction));
  if (direct) serveDirectly(fastify, app.get(JobsController));
  answerEverything(app.getHttpServer());
  certificate?.keepFresh(app.getHttpServer() as HttpsServer);
  const connectionsRefused = boundConnections(app.getHttpServer(), config.bounds.connectionsOfClient, config.proxies);
  showBounds(metrics, { waits: () => app.get(JobWaiter).size, connectionsRefused });
  return app;
}
