import 'reflect-metadata';
import { createLogger, NestLogger, runProcess, Store } from '@app/runtime';
import { HandlerRegistry } from '@app/sdk';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { gatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayService } from './gateway.service.js';
import { registerUploads } from './files/uploads.js';
import { acceptJson } from './http/accept-json.js';
import { serveOpenApi } from './http/open-api.js';
import { ProblemFilter, problemOf, sendProblem } from './http/problem.filter.js';

await runProcess(async () => {
  const config = gatewayConfig(process.env);
  const logger = createLogger('gateway', config.logLevel);
  const store = await Store.open(config, 'longhaul gateway', logger);
  const adapter = new FastifyAdapter({
    bodyLimit: config.maxBodyBytes,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500 },
    // What Fastify refuses before it has a route, such as a URL that cannot be decoded.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => sendProblem(reply, problemOf(error, request.url)),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of({ config, logger, store }), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  acceptJson(adapter.getInstance());
  await registerUploads(app);
  app.useGlobalFilters(new ProblemFilter(logger));
  const registry = app.get(HandlerRegistry);
  serveOpenApi(app, registry);
  await store.queues.ensure([...new Set(registry.names().map((kind) => registry.policy(kind)?.queue ?? 'default'))]);
  const gateway = app.get(GatewayService);
  await gateway.start();
  await app.listen(config.port, config.host);
  logger.info({ url: await app.getUrl(), broker: config.broker }, 'the gateway is up');
  return {
    logger,
    stop: async () => {
      await app.close();
      await gateway.stop();
      await store.close();
    },
  };
});
