import { PlainError } from './log.mjs';

/** Refuses settings with which the gateway speaks TLS: what starts it here looks at it over plain HTTP, and would wait for it in vain. @param {NodeJS.ProcessEnv} env */
export function refuseTls({ TLS_CERT_FILE }) {
  if (!TLS_CERT_FILE) return;
  throw new PlainError(
    `expected no TLS_CERT_FILE for start and dev, which use plain HTTP, got ${TLS_CERT_FILE}; leave it out, or run longhaul migrate, longhaul gateway and longhaul worker`,
  );
}
