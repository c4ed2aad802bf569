export {
  LeaseLostError,
  NonRetryableError,
  publicPath,
  type RawJson,
  rawJson,
  Refusal,
  type RefusalCode,
  RetryableError,
  SnoozeError,
  StopError,
  type Job,
  type JobSchedule,
  type JsonValue,
  type Progress,
} from '@app/core';
/** For the debug kinds, whose tables are in Longhaul's schema. */
export { inSchema, schemaOf } from '@app/core';
export { LONGHAUL_DATA_SOURCE } from './data-source.js';
export { cronPatterns } from './cron-patterns.js';
export { Files, type StoredFile } from './files.js';
export { handlersOf } from './catalogue.js';
export { CatalogueModule } from './catalogue.module.js';
export { HandlerRegistry, type HandlerSource } from './handler-registry.js';
export {
  definitionOf,
  type Handles,
  type JobContext,
  JobHandler,
  type JobHandlerOptions,
  type KindDefinition,
  type PayloadFrom,
} from './job-handler.decorator.js';

export type { KindRetention } from './kept-kind.js';
export type { KindLimit } from './limited-kind.js';
export type { KindSchedule } from './scheduled-kind.js';
export { type InProcessSubmit, Jobs, type PayloadInput, type SqlExecutor } from './jobs.js';
export { type JsonSchema, payloadSchema } from './payload-schema.js';
export { rememberRules } from './remember-rules.js';
export { faultsOf, reservedMembers, validatePayload } from './payload-validation.js';
export { assertPublicHost, guardedLookup, PrivateAddressError } from './outbound/address-guard.js';
export { addressPolicy, type AddressPolicy, AddressPolicyError, allows as allowsHost, portOf } from './outbound/address-policy.js';
export { isPublicAddress } from './outbound/public-address.js';
export { connectionErrorText, parseRetryAfter, remoteText } from './outbound/answer.js';
