import 'reflect-metadata';
import { createLogger, failStart, loadConfig, Store } from '@app/host';
import { readCommandLine } from '@app/host/processes';
import { absentParts, RabbitConnection } from '@app/rabbitmq';
import { systemClock, within } from '@app/core';
import { type GatewayConfig, gatewayConfig } from './gateway.config.js';

/** `longhaul doctor` checks settings, jobs, database and broker by the rules of a gateway's start, and prints one line for each. It changes nothing. */
interface Finding {
  what: 'settings' | 'jobs' | 'database' | 'broker';
  ok: boolean;
  /** The result of a check; for a fault, what to do. */
  says: string;
}

const WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** The checks report faults themselves, so nothing else is logged. */
const silent = createLogger('doctor', 'silent');

async function examine(): Promise<Finding[]> {
  let config: GatewayConfig | undefined;
  const settings = await find('settings', async () => {
    config = gatewayConfig(process.env);
    return 'every variable has a value that a gateway starts with';
  });
  const jobs = await find('jobs', async () => {
    const { path, jobs } = await loadConfig(process.env);
    return `${jobs.length} in ${path}`;
  });
  if (config === undefined) return [settings, jobs];
  const known = config;
  return [settings, jobs, ...(await Promise.all([find('database', () => askDatabase(known)), find('broker', () => askBroker(known))]))];
}

async function find(what: Finding['what'], look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, says: await look() };
  } catch (error) {
    return { what, ok: false, says: String(error instanceof Error ? error.message : error).split('\n')[0] ?? '' };
  }
}

async function askDatabase(config: GatewayConfig): Promise<string> {
  const store = await Store.open({ ...config, poolSize: 1 }, 'longhaul doctor', silent, { patienceMs: 0, protocolPool: 1 });
  try {
    const [{ version } = { version: 'of unknown version' }] = await store.dataSource.query<{ version: string }[]>(
      "SELECT current_setting('server_version') AS version",
    );
    const missing = await store.missingRights();
    if (missing.length > 0) {
      throw new Error(`the role lacks rights in the schema "${config.schema}": ${missing.join('; ')}; grant them (docs/operate/postgres.md)`);
    }
    return `PostgreSQL ${version}, the schema "${config.schema}" is up to date; schedules go by time zone data ${process.versions['tz'] ?? 'of unknown version'}`;
  } finally {
    await store.close();
  }
}

async function askBroker(config: GatewayConfig): Promise<string> {
  if (config.broker === 'none') return 'none is wanted (LONGHAUL_BROKER=none): the gateway runs the jobs itself';
  const connection = new RabbitConnection({ url: config.amqpUrl, tls: config.amqpTls, name: 'longhaul doctor', logger: silent, role: 'publish' });
  let found: string | undefined;
  let absent: string[] = [];
  connection.add({
    attach: async (model) => {
      const { serverProperties } = model.connection;
      absent = await absentParts(model);
      found = `${serverProperties.product} ${serverProperties.version}`;
    },
  });
  connection.start();
  try {
    const answered = async () => {
      while (found === undefined && connection.reason === undefined) await systemClock.sleep(LOOK_EVERY_MS);
    };
    await within(WITHIN_MS, answered());
    if (found !== undefined && absent.length === 0) return `${found} has all exchanges and queues that a gateway needs`;
    if (found !== undefined) return `${found}; a gateway makes what is missing at its start, if its account may: ${absent.join(', ')}`;
    throw new Error(connection.reason ?? `expected RabbitMQ to answer within ${WITHIN_MS / 1_000} s, got nothing; start it, or correct AMQP_URL`);
  } finally {
    await connection.close();
  }
}

const json = process.argv.includes('--json');
if (!json) readCommandLine({ command: 'longhaul doctor', does: 'Looks at settings, jobs, database and broker, and says what to do where one is not well.' });
try {
  const findings = await examine();
  if (json) console.log(JSON.stringify(findings));
  else for (const { what, ok, says } of findings) console.log(`${ok ? 'ok    ' : 'wrong '} ${what.padEnd(8)}  ${says}`);
  process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  failStart(error);
}
