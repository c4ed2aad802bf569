import { socketOptions } from './broker-tls.js';

test('a connection by a certificate alone gives no password to RabbitMQ, which takes the account from the certificate', () => {
  const [cert, key] = [Buffer.from('certificate'), Buffer.from('key')];
  expect(socketOptions({ cert, key, external: false })).toEqual({ cert, key });
  const { credentials } = socketOptions({ cert, key, external: true }) as { credentials: { mechanism: string; response(): Buffer } };
  expect([credentials.mechanism, credentials.response()]).toEqual(['EXTERNAL', Buffer.alloc(0)]);
});

test('a connection without TLS has no options of it', () => {
  expect(socketOptions(undefined)).toEqual({});
});
