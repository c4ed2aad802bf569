import { ConfigError, type Environment } from '../environment.js';
import { type JwtConfig, jwtConfig } from './jwt.config.js';
import { isLoopbackHost } from '../web/host-rule.js';

export interface RightsConfig {
  /** Whether callers need a key. */
  auth: boolean;
  /** SHA-256 of a first key with all rights, null when there is none. */
  bootstrapKeyHash: Buffer | null;
  /** Null where keys are the only credentials. */
  jwt: JwtConfig | null;
}

/**
 * Reads `AUTH`. While it is off, everybody who reaches the port may do everything. So a process that others can reach starts only with rights, or with a
 * word that something else keeps strangers away. Throws a `ConfigError`.
 */
export function rightsConfig(env: Environment, host: string): RightsConfig {
  const auth = env.oneOf('AUTH', ['on', 'off'], 'off') === 'on';
  const insecure = env.flag('LONGHAUL_INSECURE');
  if (!auth && !insecure && !isLoopbackHost(host))
    throw new ConfigError('HOST', '127.0.0.1 while AUTH is off; set AUTH=on, or LONGHAUL_INSECURE=1 where something else keeps strangers away', host);
  const hash = env.text('LONGHAUL_BOOTSTRAP_KEY_HASH', '');
  // The value is not repeated: somebody may have set the key itself.
  if (hash !== '' && !/^[0-9a-f]{64}$/i.test(hash))
    throw new ConfigError('LONGHAUL_BOOTSTRAP_KEY_HASH', 'the SHA-256 of a key as 64 hex digits', 'another text');
  return { auth, bootstrapKeyHash: hash === '' ? null : Buffer.from(hash, 'hex'), jwt: jwtConfig(env) };
}
