import 'reflect-metadata';
import { Admission, writeJson } from '@app/core';
import { channelVariables, notificationKinds, notificationsConfig } from '@app/notifications';
import {
  answerClientError,
  answerEverything,
  createLogger,
  Environment,
  kindsOf,
  loadConfig,
  loadDebugKinds,
  MAX_HEADER_BYTES,
  NestLogger,
  PrometheusMetrics,
  runProcess,
  Store,
  warnOfSlips,
} from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget, budgetBodies } from './http/body-budget.js';
import { boundConnections } from './http/bound-connections.js';
import { OpenStreams } from './events/open-streams.js';
import { gatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayService } from './modes/gateway.service.js';
import { boundUploads } from './files/bound-uploads.js';
import { registerUploads } from './files/uploads.js';
import { acceptJson } from './http/accept-json.js';
import { guardRequests, prepare, refusedAtDoor } from './http/guard-requests.js';
import { DOCS_PATH, serveOpenApi } from './api-docs/open-api.js';
import { OriginRule } from './http/origin-rule.js';
import { trackSilent } from './http/silent-connections.js';
import { pathAndQuery } from './http/target.js';
import { explainSockets, GuardedSockets } from './http/web-sockets.js';
import { countRequests, showBounds, showGateway } from './health/gateway-metrics.js';
import { JobWaiter } from './jobs/job-waiter.js';
import { ProblemFilter, problemOf, sendProblem } from './http/problem.filter.js';

/** Above this number new connections are closed at once, because each costs memory. */
const MAX_CONNECTIONS = 10_000;
/**
 * A request may go on after SIGTERM for as long as a running job, and this much longer for its answer. It is less than the 5 s after
 * DRAIN_SECONDS at which `npm start` kills a process, because the steps after the connections need time too.
 */
const ANSWER_MS = 2_000;

await runProcess(async () => {
  const config = gatewayConfig(process.env);
  const notifications = notificationsConfig(new Environment(process.env));
  const storage = storageConfig(process.env);
  const loaded = await loadConfig(process.env);
  const logger = createLogger('gateway', config.logLevel, loaded.name);
  warnOfSlips(process.env, logger, channelVariables);
  const store = await Store.open(config, 'longhaul gateway', logger);
  const debugKinds = config.debugKinds ? await loadDebugKinds(store.dataSource) : [];
  const project = { ...loaded, others: debugKinds };
  const kinds = [...project.jobs, ...notificationKinds, ...debugKinds];
  const metrics = new PrometheusMetrics(kindsOf(kinds));
  const { publicUrl, hosts } = config.web;
  const below = publicUrl?.path ?? '';
  const rules = { hosts, origins: new OriginRule(config.origins, publicUrl) };
  const adapter = new FastifyAdapter({
    bodyLimit: config.maxBodyBytes,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    // budgetBodies cuts slow bodies. There is no general limit, because an upload may take long.
    // Node itself would refuse a request without Host, and without a reason.
    http: { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false, headersTimeout: config.admission.bodyMs, connectionsCheckingInterval: 1_000 },
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
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.of({ config, project, kinds, notifications, storage, logger, store, metrics }),
    adapter,
    {
      bodyParser: false,
      logger: new NestLogger(logger),
      abortOnError: false,
    },
  );
  // This comes before all other hooks: nothing is done, counted or kept for a request that is refused here.
  guardRequests(adapter.getInstance(), rules);
  const admission = app.get(Admission);
  countRequests(adapter.getInstance(), metrics);
  explainSockets(adapter.getInstance());
  metrics.gauge('event_streams', () => [[app.get(OpenStreams).size]]);
  showGateway(metrics, store, admission, config.admission.limits);
  budgetBodies(adapter.getInstance(), app.get(BodyBudget), admission, {
    maxTotal: config.admission.limits.bodyBytes,
    maxOfClient: config.admission.bodyBytesOfClient,
    withinMs: config.admission.bodyMs,
    refused: (code) => metrics.count('submissions_refused_total', { door: 'http', reason: code }),
  });
  boundUploads(adapter.getInstance(), config.bounds);
  acceptJson(adapter.getInstance(), config.maxJsonMembers);
  adapter.getInstance().setReplySerializer(writeJson);
  await registerUploads(app);
  app.useWebSocketAdapter(new GuardedSockets(app, rules, below));
  app.useGlobalFilters(new ProblemFilter(logger));
  const registry = app.get(HandlerRegistry);
  await serveOpenApi(app, registry, publicUrl);
  const queuesOfKinds = registry.names().map((kind) => registry.policy(kind)?.queue ?? 'default');
  await store.queues.ensure([...new Set([...queuesOfKinds, ...config.declaredQueues, ...config.queues])]);
  const gateway = app.get(GatewayService);
  const connections = trackSilent(app.getHttpServer(), config.drainSeconds * 1_000 + ANSWER_MS);
  answerEverything(app.getHttpServer());
  const connectionsRefused = boundConnections(app.getHttpServer(), config.bounds.connectionsOfClient);
  showBounds(metrics, { waits: () => app.get(JobWaiter).size, connectionsRefused });
  await app.listen(config.port, config.host);
  app.getHttpServer().maxConnections = MAX_CONNECTIONS;
  const url = await app.getUrl();
  logger.info({ url }, 'the gateway listens');
  void gateway.whenUp().then(() => logger.info({ url, broker: config.broker }, 'the gateway is up'));
  return {
    logger,
    metrics,
    stop: () => connections.closing(() => app.close()),
  };
});
