import { connectionErrorText } from '@app/sdk';

/** What kept a webhook from being delivered, for programs. */
export type FailureReason = 'address_refused' | 'https_required' | 'name_unknown' | 'not_trusted' | 'timeout' | 'connection' | 'status';

export interface Failure {
  reason: FailureReason;
  /** For people: what it means first, then what the system said. */
  error: string;
}

const NAME_UNKNOWN = /^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/;
const NOT_TRUSTED = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const TIMEOUT = /^(UND_ERR_\w*_TIMEOUT|ETIMEDOUT)$/;

const WORDS: readonly [code: RegExp, reason: FailureReason, words: string][] = [
  [NAME_UNKNOWN, 'name_unknown', 'the name of the host leads to no address'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'not_trusted', 'its certificate is for another name'],
  [/^CERT_HAS_EXPIRED$/, 'not_trusted', 'its certificate has expired'],
  [/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/, 'not_trusted', 'its certificate is signed by nobody who is trusted here'],
  [/^UNABLE_TO_/, 'not_trusted', 'its certificate comes without those that lead to one that is trusted here'],
  [NOT_TRUSTED, 'not_trusted', 'no TLS connection came about'],
  [TIMEOUT, 'timeout', 'no connection in time'],
  [/^ECONNREFUSED$/, 'connection', 'nothing listens at its port'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'connection', 'no way leads to its address'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'connection', 'the connection broke before an answer'],
];

/** Why no answer came. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const [, reason = 'connection', words] = WORDS.find(([pattern]) => pattern.test(code)) ?? [];
  const said = connectionErrorText(error);
  return { reason, error: words === undefined ? said : `${words} (${said})` };
}

/** Of a connection that was tried at several addresses, that of the first. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string') return code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
