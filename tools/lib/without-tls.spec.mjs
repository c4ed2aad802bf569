import { refuseTls } from './without-tls.mjs';

test('a start that would wait for a gateway that speaks TLS is refused, with what to run instead', () => {
  expect(() => refuseTls({ TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key' })).toThrow(
    /^expected no TLS_CERT_FILE for start and dev, .* got tls\.crt; .*longhaul gateway/,
  );
  expect(() => refuseTls({ TLS_CERT_FILE: '' })).not.toThrow();
  expect(() => refuseTls({})).not.toThrow();
});
