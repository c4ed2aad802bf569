export { PAUSE_TEXT_MAX } from './bounds.js';
export type { JsonValue } from './json.js';
export { DEAD_QUEUE, EXCHANGES, HEADERS, jobQueueName, OWN_PREFIX, OWN_QUEUE_PREFIX, REPLY_CHANNEL, SUBMIT_QUEUE, WAKE_UP_TYPE } from './names.js';
export { PROBLEMS, type ProblemCode, problemType } from './problems.js';
export type { DeliveryState, JobEventName, JobState, LetterSource, TerminalState } from './schemas/index.js';
export { isScope, type Scope, SCOPES } from './scopes.js';
export type * from './wire.js';
