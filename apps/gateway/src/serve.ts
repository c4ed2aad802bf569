import 'reflect-metadata';
import { channelVariables, notificationsConfig, ownKinds } from '@app/notifications';
import { createLogger, Environment, kindsOf, loadConfig, loadDebugKinds, OidcProvider, PrometheusMetrics, runProcess, Store, warnOfSlips } from '@app/host';
import { HandlerRegistry, rememberRules } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { serveOpenApi } from './api-docs/open-api.js';
import { serveConsole } from './console/serve-console.js';
import { gatewayConfig } from './gateway.config.js';
import { httpApp } from './http-app.js';
import { trackSilent } from './http/silent-connections.js';
import { GatewayService } from './modes/gateway.service.js';

/** Above this number new connections are closed at once, because each costs memory. */
const MAX_CONNECTIONS = 10_000;
/**
 * A request may go on after SIGTERM for as long as a running job, and this much longer for its answer. It is less than the 5 s after
 * DRAIN_SECONDS at which `npm start` kills a process, because the steps after the connections need time too.
 */
const ANSWER_MS = 2_000;

await runProcess(async () => {
  rememberRules();
  const config = gatewayConfig(process.env);
  const notifications = notificationsConfig(new Environment(process.env));
  const storage = storageConfig(process.env);
  const loaded = await loadConfig(process.env);
  const logger = createLogger('gateway', config.logLevel, loaded.name, config.redaction);
  warnOfSlips(process.env, logger, channelVariables);
  const store = await Store.open(config, 'longhaul gateway', logger);
  const debugKinds = config.debugKinds ? await loadDebugKinds(store.dataSource) : [];
  const project = { ...loaded, others: debugKinds };
  const kinds = [...project.jobs, ...ownKinds, ...debugKinds];
  const metrics = new PrometheusMetrics(kindsOf(kinds));
  const app = await httpApp({ config, project, kinds, notifications, storage, logger, store, metrics });
  const registry = app.get(HandlerRegistry);
  serveOpenApi(app, registry, config.web.publicUrl);
  await serveConsole(app.getHttpAdapter().getInstance(), { provider: app.get(OidcProvider).config?.name ?? '' });
  const queuesOfKinds = registry.names().map((kind) => registry.policy(kind)?.queue ?? 'default');
  await store.queues.ensure([...new Set([...queuesOfKinds, ...config.declaredQueues, ...config.queues])]);
  const gateway = app.get(GatewayService);
  const connections = trackSilent(app.getHttpServer(), config.drainSeconds * 1_000 + ANSWER_MS);
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
