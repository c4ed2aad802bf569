import { configOf } from './config-of.js';

test('the TLS of RabbitMQ comes from the settings of the module, and a file that is not there is named', () => {
  const options = { database: { url: 'postgres://db.example/app' }, broker: { url: 'amqps://mq.example/app' } };
  expect(configOf(options).amqpTls?.()).toEqual({ external: false });
  expect(() => configOf({ ...options, settings: { AMQP_CA_FILE: '/none' } })).toThrow(
    /^expected AMQP_CA_FILE to be a file that can be read, got: "\/none \(ENOENT\)"$/,
  );
});
