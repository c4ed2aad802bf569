import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Environment, KNOWN_VARIABLES, runtimeConfig } from '@app/host';
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

test('a child process gets keys for the data of jobs, which open no other secret of its worker', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const passed = childEnvironment({ LONGHAUL_SECRET_KEYS: `a:${key}`, ENCRYPT_PAYLOADS: 'all' }, []);
  expect(Object.keys(passed).sort()).toEqual(['ENCRYPT_PAYLOADS', 'LONGHAUL_JOB_KEYS']);
  expect(passed['LONGHAUL_JOB_KEYS']).toMatch(/^a:[A-Za-z0-9+/]{43}=$/);
  expect(passed['LONGHAUL_JOB_KEYS']).not.toContain(key);
});

test('a child process makes the same links as its worker, and reads files, pools and limits as that does (E22, E26)', () => {
  const settings = {
    PUBLIC_URL: 'https://jobs.example.org/below',
    RESULT_MAX_BYTES: '2048',
    DATABASE_POOL: '7',
    LEASE_SECONDS: '9',
    FILES_DIR: '/files',
    FILES_MAX_BYTES: '10',
    FANOUT_ALLOW_HOSTS: 'a.example.org',
    LOG_LEVEL: 'warn',
  };
  const passed = childEnvironment(settings, []);
  expect(passed).toEqual(settings);
  const read = (values: NodeJS.ProcessEnv) => {
    const { web, resultMaxBytes, poolSize, leaseSeconds, logLevel } = runtimeConfig(new Environment(values));
    return { publicUrl: web.publicUrl, resultMaxBytes, poolSize, leaseSeconds, logLevel };
  };
  expect(read(passed)).toEqual(read(settings));
});

/** The variables that the handlers of the catalogue read from the environment themselves. */
test('what the catalogue of jobs reads of the environment is passed to a child process (E26)', () => {
  const folder = join(import.meta.dirname, '../../jobs/src');
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('spec'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  const prefixes = texts.flatMap((text) => [...text.matchAll(/process\.env, '([A-Z]+)'/g)].map(([, prefix]) => prefix ?? ''));
  const named = texts.flatMap((text) => [...text.matchAll(/process\.env\[?\.?'?([A-Z_]+)/g)].map(([, name]) => name ?? ''));
  expect(prefixes).toContain('FANOUT');
  const wanted = [...named, ...KNOWN_VARIABLES.filter((name) => prefixes.some((prefix) => name.startsWith(`${prefix}_`)))];
  expect(Object.keys(childEnvironment(Object.fromEntries(wanted.map((name) => [name, '1'])), [])).sort()).toEqual([...wanted].sort());
});
