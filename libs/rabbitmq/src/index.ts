export { ConfirmPublisher } from './confirm-publisher.js';
export { type Attachment, RabbitConnection } from './connection.js';
export { RabbitConsumer } from './consumer.js';
export { RabbitDelivery } from './delivery.js';
export { describeMessage } from './job-delivery.js';
export { JOB_DELIVERY, JobTransport } from './job-transport.js';
export { OutcomeListener } from './outcome-listener.js';
export { QueueDepth } from './queue-depth.js';
export { declareDeadQueue, declareExchanges, declareIntakeQueue, declareTopology } from './topology.js';
