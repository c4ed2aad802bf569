/**
 * Headers of every answer: browsers do not guess types, send no referrer, do not let other sites embed or frame it, and do not cache it.
 * An answer is data; an answer that is a page (docs, a stored file) has its own policy.
 */
export const SECURITY_HEADERS = Object.freeze({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});
