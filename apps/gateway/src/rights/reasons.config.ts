import { ConfigError, type Environment } from '@app/host';
import { OPERATIONS } from './operations.js';

const ACTS = Object.values(OPERATIONS).flatMap(({ act, name }) => (act ? [name] : []));

/** The names of the acts that need a reason: of `REQUIRE_REASONS`, which lists them or says `all`. Throws a `ConfigError`. */
export function reasonsConfig(env: Environment): ReadonlySet<string> {
  const names = env.list('REQUIRE_REASONS', /^[A-Za-z]+$/);
  if (names.includes('all') && names.length === 1) return new Set(ACTS);
  const unknown = names.find((name) => !ACTS.includes(name));
  if (unknown !== undefined)
    throw new ConfigError('REQUIRE_REASONS', 'all, or a comma list of operations that change something, such as cancelJob,deleteQueue', unknown);
  return new Set(names);
}
