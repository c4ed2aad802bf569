import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { type AddressPolicy, assertPublicHost, connectionErrorText, PrivateAddressError, parseRetryAfter } from '@app/sdk';
import { readBody } from './response-body.js';

/** One request to one service, ready to be sent as often as it takes. */
export interface ServiceCall {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  /** Attempts after the first. */
  retries: number;
}

/** How one call ended. `json` is the text of the answer as JSON, never parsed; `retryable` says whether the same call may succeed later. */
export type CallOutcome = { ok: true; status: number; json: string } | { ok: false; status?: number; error: string; retryable: boolean; retryAfterMs?: number };

export type CallReport = CallOutcome & { attempts: number; ms: number };

/** What may pass by itself (RFC 9110; 425 and 429 of RFC 8470 and 6585). Everything else is the same next time. */
const RETRYABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
const BACKOFF_BASE_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** A service that asks for more patience than this is left to the job's own retry. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Calls a service until it answers for good or the retries are used up. Never rejects but with the reason of `signal`. */
export async function callService(call: ServiceCall, connection: { dispatcher: Dispatcher; policy: AddressPolicy }, signal: AbortSignal): Promise<CallReport> {
  const began = performance.now();
  for (let attempts = 1; ; attempts++) {
    const outcome = await callOnce(call, connection, signal);
    signal.throwIfAborted();
    const wait = outcome.ok ? undefined : waitBefore(attempts, outcome);
    if (outcome.ok || !outcome.retryable || attempts > call.retries || wait === undefined) {
      return { ...outcome, attempts, ms: Math.round(performance.now() - began) };
    }
    await delay(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Exponential with full jitter, but never before the service's own `Retry-After`; undefined when that is too long to wait for. */
function waitBefore(attempt: number, outcome: { retryAfterMs?: number }): number | undefined {
  if (outcome.retryAfterMs !== undefined && outcome.retryAfterMs > MAX_RETRY_AFTER_MS) return undefined;
  const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1)) * (0.1 + 0.9 * Math.random());
  return Math.max(backoff, outcome.retryAfterMs ?? 0);
}

async function callOnce(
  call: ServiceCall,
  { dispatcher, policy }: { dispatcher: Dispatcher; policy: AddressPolicy },
  signal: AbortSignal,
): Promise<CallOutcome> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  try {
    assertPublicHost(call.url, policy);
    const { url, method, headers, body = null } = call;
    const target = { origin: url.origin, path: `${url.pathname}${url.search}` };
    const response = await dispatcher.request({ ...target, method, headers, body, signal: AbortSignal.any([signal, timeout]) });
    return await judge(response);
  } catch (error) {
    if (timeout.aborted) return { ok: false, error: `expected an answer within ${call.timeoutMs} ms, got none`, retryable: true };
    return { ok: false, error: connectionErrorText(error), retryable: !isFinal(error) };
  }
}

async function judge(response: Dispatcher.ResponseData): Promise<CallOutcome> {
  const status = response.statusCode;
  if (status >= 200 && status < 300) {
    const read = await readBody(response);
    return 'json' in read ? { ok: true, status, json: read.json } : { ok: false, status, error: read.error, retryable: false };
  }
  await response.body.dump({ limit: 64 * 1024 });
  if (status >= 300 && status < 400)
    return { ok: false, status, error: `expected an answer, got a redirect (${status}), which is not followed: call its target`, retryable: false };
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  const failed = { ok: false as const, status, error: `expected a status of 200 to 299, got: ${status}`, retryable: RETRYABLE_STATUS.has(status) };
  return retryAfterMs === undefined ? failed : { ...failed, retryAfterMs };
}

/** What no repetition changes: a refused address, and a certificate or a response that is wrong in itself. */
function isFinal(error: unknown): boolean {
  if (error instanceof PrivateAddressError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HPE_|UND_ERR_RES_EXCEEDED_MAX_SIZE|UND_ERR_INVALID_ARG|ENOTFOUND$)/.test(code);
}
