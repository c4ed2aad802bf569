/** What any program needs of its surroundings, and what Node, PostgreSQL's client and the AWS SDK read by themselves. */
const SYSTEM = /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|TEMP|TMP|PWD|HOSTNAME|SYSTEMROOT|LD_LIBRARY_PATH)$/i;
const RUNTIME = /^(NODE_\w+|UV_\w+|SSL_CERT_FILE|SSL_CERT_DIR|PG[A-Z]+|AWS_\w+|(HTTPS?|NO|ALL)_PROXY|COVERAGE\w*)$/i;
/** What a child reads of Longhaul's own. Neither the broker's URL, nor what signs, seals or sends for others. */
const OWN = /^(DATABASE_URL|DATABASE_POOL|RESULT_MAX_BYTES|LEASE_SECONDS|LOG_LEVEL|PUBLIC_URL|LONGHAUL_BROKER|LONGHAUL_DEBUG_KINDS|FILES_\w+|FANOUT_\w+)$/;

/**
 * The environment of a child process of an isolated kind: what is on the list and what the kind declares. A handler that is
 * isolated, perhaps because it runs what others wrote, is not to find its worker's other secrets.
 */
export function childEnvironment(values: NodeJS.ProcessEnv, declared: readonly string[]): NodeJS.ProcessEnv {
  const passes = (name: string) => SYSTEM.test(name) || RUNTIME.test(name) || OWN.test(name) || declared.includes(name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => passes(name)));
}
