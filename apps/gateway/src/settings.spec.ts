import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { channelVariables, notificationsConfig } from '@app/notifications';
import { Environment, KNOWN_VARIABLES, startFault } from '@app/host';
import { addressPolicy } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { gatewayConfig } from './gateway.config.js';

const KNOWN = [...KNOWN_VARIABLES, ...channelVariables.variables.flatMap(({ names }) => names)];
/** Read elsewhere: by the first of several processes, by the worker alone, and where the file of variables is looked for. */
const ELSEWHERE: Record<string, (env: Environment) => unknown> = {
  WEB_CONCURRENCY: (env) => env.integer('WEB_CONCURRENCY', 1, 256, 1),
  WORKER_PORT: (env) => env.integer('WORKER_PORT', 0, 65_535, 3_001),
  LONGHAUL_CONFIG: (env) => env.text('LONGHAUL_CONFIG', ''),
  LONGHAUL_ENV_FILE: (env) => env.text('LONGHAUL_ENV_FILE', ''),
};
/** What other settings need beside them to be looked at. */
const BESIDE: [RegExp, NodeJS.ProcessEnv][] = [
  [/^EMAIL_|^SMTP_URL$/, { SMTP_URL: 'smtp://127.0.0.1', EMAIL_FROM: 'a@example.org', PUBLIC_URL: 'http://jobs.example.org' }],
  [/^REQUESTS_PER_SECOND$/, { AUTH: 'on' }],
  [/^FILES_S3_/, { FILES_S3_BUCKET: 'files', FILES_S3_REGION: 'eu' }],
];
const ODD = [
  '',
  ' ',
  '-1',
  '0',
  '1e9',
  '0x10',
  '1.5',
  '1,5',
  'NaN',
  'Infinity',
  '999999999999999999999',
  'true',
  '"5"',
  "'5'",
  '+5',
  '５',
  'a\nb',
  '\u0000',
  'x'.repeat(100_000),
];
/** Neither can be a number of anything. */
const NO_NUMBER = ['-1', '1e9', '0x10', '1.5', '1,5', 'NaN', 'Infinity', '999999999999999999999', 'true', '"5"', "'5'", '+5', '５', 'a\nb', '\u0000'];

/** All that gateway and worker make of their surroundings at start. */
function read(values: NodeJS.ProcessEnv): void {
  const env = new Environment(values);
  gatewayConfig(values);
  notificationsConfig(env, values);
  storageConfig(values);
  addressPolicy(values, 'FANOUT');
  for (const look of Object.values(ELSEWHERE)) look(env);
}

function faultOf(variable: string, value: string): string | undefined {
  const beside = BESIDE.find(([pattern]) => pattern.test(variable))?.[1] ?? {};
  try {
    read({ ...beside, [variable]: value });
    return undefined;
  } catch (error) {
    return startFault(error) ?? `not in one line: ${String(error)}`;
  }
}

/** The settings that are whole numbers: those that are read as such. */
function numbers(): string[] {
  const integer = jest.spyOn(Environment.prototype, 'integer');
  read({ ...BESIDE[0]?.[1] });
  const whole = integer.mock.calls.map(([variable]) => variable);
  integer.mockRestore();
  return [...new Set([...whole, 'FILES_MAX_BYTES', 'FILES_MIN_FREE_BYTES', 'FILES_QUOTA_BYTES'])].sort();
}

test('the variables that are known are those of the page of the configuration (C14)', () => {
  const table = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));
  expect(table.filter((name) => !KNOWN.includes(name ?? ''))).toEqual([]);
});

describe('a setting', () => {
  test('is known before it can be read, and read if it is known (C14)', () => {
    const seen = new Set<string>();
    const values = new Proxy(
      { ...BESIDE[0]?.[1], ...BESIDE[1]?.[1] },
      {
        get: (target, name) => {
          seen.add(String(name));
          return Reflect.get(target, name) as unknown;
        },
      },
    );
    read(values);
    expect([...seen].filter((name) => !KNOWN.includes(name) && name !== 'AWS_REGION')).toEqual([]);
    expect(KNOWN.filter((name) => !seen.has(name))).toEqual([]);
  });

  test.each(KNOWN)('%s is taken as documented or refused in one line that names it, whatever its value (C14)', (variable) => {
    for (const value of ODD) {
      const fault = faultOf(variable, value);
      if (fault === undefined) continue;
      expect(fault).toMatch(new RegExp(`^expected ${variable}|^expected .*${variable}`));
      expect(fault).not.toContain('\n');
      expect(fault).toMatch(/, got|got /);
      expect(fault.length).toBeLessThan(600);
    }
    // Not set, as far as we are told: nothing may come of it but the default.
    const unset = faultOf(variable, '');
    expect([unset, faultOf(variable, ' '), faultOf(variable, '\n')]).toEqual([unset, unset, unset]);
  });

  test.each(numbers())('%s is a whole number in decimal digits, and nothing that only begins like one (C14)', (variable) => {
    for (const value of NO_NUMBER) expect([value, faultOf(variable, value)]).toEqual([value, expect.stringContaining(variable)]);
    const valid = ['5', '80', '200', '5000', '500000', '1000000'].find((value) => faultOf(variable, value) === undefined);
    expect(valid).toBeDefined();
    expect([faultOf(variable, `${valid ?? ''}\n`), faultOf(variable, `  ${valid ?? ''} `)]).toEqual([undefined, undefined]);
  });

  test('that is a length of time fits what a timer takes, or is waited for in parts (C14)', () => {
    const integer = jest.spyOn(Environment.prototype, 'integer');
    read({ ...BESIDE[0]?.[1] });
    const calls = integer.mock.calls;
    const longest = calls
      .filter(([variable]) => /_(SECONDS|MS)$/.test(variable))
      .map(([variable, , most]) => [variable, variable.endsWith('_MS') ? most : most * 1_000] as const);
    integer.mockRestore();
    // These go to the database, or to a clock that waits in parts.
    const inParts = ['IDEMPOTENCY_SECONDS', 'ADMISSION_OUTBOX_SECONDS'];
    expect(longest.filter(([variable, ms]) => ms > 2 ** 31 - 1 && !inParts.includes(variable))).toEqual([]);
  });
});
