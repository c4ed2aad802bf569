import { jobKeysOf } from '@app/core';

/** Variables that every program needs, and those that Node, PostgreSQL's client and the AWS SDK read themselves. */
const SYSTEM = /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|TEMP|TMP|PWD|HOSTNAME|SYSTEMROOT|LD_LIBRARY_PATH)$/i;
const RUNTIME = /^(NODE_\w+|UV_\w+|SSL_CERT_FILE|SSL_CERT_DIR|PG[A-Z]+|AWS_\w+|(HTTPS?|NO|ALL)_PROXY|COVERAGE\w*)$/i;
/** Longhaul's own variables that a child reads. The broker's URL and secrets for signing, sealing and sending are not among them. */
const OWN =
  /^(DATABASE_URL|DATABASE_POOL|RESULT_MAX_BYTES|LEASE_SECONDS|LOG_LEVEL|LOG_REDACT|PUBLIC_URL|ENCRYPT_PAYLOADS|LONGHAUL_BROKER|LONGHAUL_DEBUG_KINDS|FILES_\w+|FANOUT_\w+)$/;

/**
 * The environment of a child process of an isolated kind: the variables of these lists and those that the kind declares. An isolated
 * handler may run foreign code, and must not find other secrets of its worker. Since it reads and stores data of jobs, it gets keys for these, made of
 * its worker's: they open nothing else.
 */
export function childEnvironment(values: NodeJS.ProcessEnv, declared: readonly string[]): NodeJS.ProcessEnv {
  const passes = (name: string) => SYSTEM.test(name) || RUNTIME.test(name) || OWN.test(name) || declared.includes(name);
  const jobKeys = jobKeysOf(values['LONGHAUL_SECRET_KEYS'] ?? '');
  const passed = Object.fromEntries(Object.entries(values).filter(([name]) => passes(name)));
  return jobKeys === '' ? passed : { ...passed, LONGHAUL_JOB_KEYS: jobKeys };
}
