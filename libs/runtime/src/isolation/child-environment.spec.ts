import { childEnvironment } from './child-environment.js';

const WORKER = {
  PATH: '/bin',
  DATABASE_URL: 'postgres://x',
  FILES_S3_BUCKET: 'b',
  AWS_SECRET_ACCESS_KEY: 'k',
  AMQP_URL: 'amqp://u:p@x',
  SMTP_URL: 'smtp://u:p@x',
  WEBHOOK_SECRET: 'whsec_x',
  LONGHAUL_SECRET_KEYS: 'a:b',
  STRIPE_KEY: 'sk',
  RENDERER_URL: 'http://r',
};

test('a child process gets what it reads and what its kind declares, and none of the other secrets of its worker (E26)', () => {
  expect(Object.keys(childEnvironment(WORKER, ['RENDERER_URL', 'NOT_SET']))).toEqual([
    'PATH', 'DATABASE_URL', 'FILES_S3_BUCKET', 'AWS_SECRET_ACCESS_KEY', 'RENDERER_URL',
  ]); // prettier-ignore
});
