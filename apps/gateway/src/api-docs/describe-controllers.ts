import type { HandlerRegistry } from '@app/sdk';
import { type InjectionToken, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DeadLettersController } from '../dead-letters/dead-letters.controller.js';
import { LetterGroupsController } from '../dead-letters/letter-groups.controller.js';
import { LetterStreamController } from '../dead-letters/letter-stream.controller.js';
import { ErasuresController } from '../jobs/erasures.controller.js';
import { EntranceController } from '../entrance/entrance.controller.js';
import { JobEventsController } from '../events/job-events.controller.js';
import { FilesController } from '../files/files.controller.js';
import { HealthController } from '../health/health.controller.js';
import { MetricsController } from '../health/metrics.controller.js';
import { BulkController } from '../jobs/bulk.controller.js';
import { JobsController } from '../jobs/jobs.controller.js';
import { RedriveController } from '../jobs/redrive.controller.js';
import { StepsController } from '../jobs/steps.controller.js';
import { WhyController } from '../jobs/why.controller.js';
import { AuditController } from '../rights/audit.controller.js';
import { AuditStreamController } from '../rights/audit-stream.controller.js';
import { KeyStreamController } from '../rights/key-stream.controller.js';
import { KeysController } from '../rights/keys.controller.js';
import { SessionController } from '../rights/session.controller.js';
import { StreamTicketsController } from '../rights/stream-tickets.controller.js';
import { SessionsController } from '../rights/sessions.controller.js';
import { KindsController } from '../kinds/kinds.controller.js';
import { LimitsController } from '../limits/limits.controller.js';
import { RetentionController } from '../retention/retention.controller.js';
import { QuotasController } from '../quotas/quotas.controller.js';
import { TenantsController } from '../quotas/tenants.controller.js';
import { QueuesController } from '../queues/queues.controller.js';
import { ScheduleStreamController } from '../schedules/schedule-stream.controller.js';
import { SchedulesController } from '../schedules/schedules.controller.js';
import { AlertsController } from '../stats/alerts.controller.js';
import { DoctorController } from '../stats/doctor.controller.js';
import { StatusLinksController } from '../status/status-links.controller.js';
import { StatsController } from '../stats/stats.controller.js';
import { WorkersController } from '../workers/workers.controller.js';
import { WebhookDeliveriesController } from '../webhooks/deliveries.controller.js';
import { EndpointsController } from '../webhooks/endpoints.controller.js';
import { WebhookStreamController } from '../webhooks/webhook-stream.controller.js';
import { describeApi } from './describe-api.js';
import { describeKinds } from './describe-kinds.js';

const CONTROLLERS = [
  EntranceController,
  JobEventsController,
  BulkController,
  JobsController,
  RedriveController,
  StatusLinksController,
  StepsController,
  WhyController,
  ErasuresController,
  KindsController,
  QueuesController,
  WorkersController,
  StatsController,
  DoctorController,
  AlertsController,
  LimitsController,
  RetentionController,
  ScheduleStreamController,
  SchedulesController,
  QuotasController,
  TenantsController,
  FilesController,
  LetterStreamController,
  LetterGroupsController,
  DeadLettersController,
  WebhookStreamController,
  EndpointsController,
  WebhookDeliveriesController,
  StreamTicketsController,
  SessionController,
  SessionsController,
  KeyStreamController,
  KeysController,
  AuditStreamController,
  AuditController,
  HealthController,
  MetricsController,
];

/** Empty stand-ins for the dependencies of controllers. */
const dependencies: Provider[] = CONTROLLERS.flatMap((controller) => {
  const named = (Reflect.getMetadata('self:paramtypes', controller) ?? []) as { index: number; param: InjectionToken }[];
  const types = (Reflect.getMetadata('design:paramtypes', controller) ?? []) as InjectionToken[];
  return types.map((type, at) => ({ provide: named.find(({ index }) => index === at)?.param ?? type, useValue: {} }));
});

@Module({ controllers: CONTROLLERS, providers: dependencies })
class Controllers {}

/** Makes the document of a gateway without starting its services. An e2e test checks that a gateway answers the same document. */
export async function describeControllers(registry?: HandlerRegistry): Promise<OpenAPIObject> {
  const app = await NestFactory.create<NestFastifyApplication>(Controllers, new FastifyAdapter(), { logger: false, abortOnError: false });
  const document = describeApi(app);
  if (registry) describeKinds(document, registry, null);
  return document;
}
