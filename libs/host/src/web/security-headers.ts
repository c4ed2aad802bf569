/**
 * On every answer: no type is guessed, no address told to other sites, nothing embedded or framed by them, nothing kept by a cache.
 * An answer is data; where one is a page (docs, a stored file) it brings its own policy.
 */
export const SECURITY_HEADERS = Object.freeze({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});
