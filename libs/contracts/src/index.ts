export { DEAD_QUEUE, EXCHANGES, HEADERS, jobQueueName, OWN_PREFIX, OWN_QUEUE_PREFIX, SUBMIT_QUEUE } from './amqp/names.js';
export { outcomeEvent, outcomeMessageId } from './amqp/outcome-event.js';
export { jobEventView, type JobEventView, type LogEventView, type ProgressEventView, type ResetEventView, type StateEventView } from './http/event-view.js';
export { type JobErrorView, type JobView, jobView } from './http/job-view.js';
export { type Problem, type ProblemCode, PROBLEMS, problemType } from './http/problem.js';
