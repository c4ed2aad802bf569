/**
 * What integration, e2e and chaos tests use: an own database and vhost per file, real processes, no sleeps. What loads large packages is not among it
 * (`fuzz`, `smtp-receiver`, `documented-api`): each of some 170 files would load them too.
 */
export { emptyDatabase, FINDS_TABLES, freshDatabase, type FreshDatabase } from './database.js';
export { type App, type AppName, type Exit, freePort, spawnApp, type SpawnOptions } from './processes.js';
export { childrenOf, isAlive } from './proc.js';
export { tcpProxy, type TcpProxy } from './tcp-proxy.js';
export { describeEachMode, describeEachModeInProofs, describeWithBroker, freshVhost, type FreshVhost, hasBroker } from './vhost.js';
export { type Account, describeWithControl, freshAccount, rabbitmqctl } from './account.js';
export { type ReceivedWebhook, type WebhookReceiver, webhookReceiver } from './webhook-receiver.js';
export { type Mode, MODES } from './modes.js';
export { describeIf, describeInCi, inCi, inProofs, testIf } from './only-if.js';
export { waitFor } from './wait-for.js';
export { longhaul, newKey } from './longhaul.js';
export { packLonghaul, type PackedLonghaul } from './packed-longhaul.js';
export { canary } from './canary.js';
export { tablesWith } from './tables-with.js';
export { type Answer, Api } from './api.js';
export { type Stack, type StackOptions, startStack } from './stack.js';
export { type SseEvent, SseReader } from './sse.js';
export { type RawAnswer, rawHttp } from './raw-http.js';
