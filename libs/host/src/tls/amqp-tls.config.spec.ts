import { writeFileSync } from 'node:fs';
import { Certificates, describeWithOpenssl } from '../../../../test/support/certificates.js';
import { ConfigError, Environment } from '../environment.js';
import { runtimeConfig } from '../config.js';

const URL = 'amqps://mq.example/orders';

describeWithOpenssl('the TLS of RabbitMQ', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = new Certificates();
    certificates.make('own', 'other');
    writeFileSync(certificates.path('text'), 'no certificate');
  });
  afterAll(() => certificates.drop());

  const file = (name: string) => certificates.path(name);
  const own = () => ({ AMQP_CERT_FILE: file('own.crt'), AMQP_KEY_FILE: file('own.key') });
  const configOf = (values: NodeJS.ProcessEnv) => runtimeConfig(new Environment({ AMQP_URL: URL, ...values }));

  test.each<[string, () => NodeJS.ProcessEnv, RegExp]>([
    [
      'an authority that is not there',
      () => ({ AMQP_CA_FILE: file('none') }),
      /^expected AMQP_CA_FILE to be a file that can be read, got: ".*none \(ENOENT\)"$/,
    ],
    ['an authority that is none', () => ({ AMQP_CA_FILE: file('text') }), /^expected AMQP_CA_FILE to be certificates of authorities as PEM, got: ".*text \(/],
    ['a certificate alone', () => ({ AMQP_CERT_FILE: file('own.crt') }), /^expected AMQP_KEY_FILE to be the file of the key of AMQP_CERT_FILE, got: nothing$/],
    ['a key alone', () => ({ AMQP_KEY_FILE: file('own.key') }), /^expected AMQP_CERT_FILE to be the file of the certificate of AMQP_KEY_FILE/],
    [
      'a key that is not there',
      () => ({ ...own(), AMQP_KEY_FILE: file('none') }),
      /^expected AMQP_KEY_FILE to be a file that can be read, got: ".*none \(ENOENT\)"$/,
    ],
    [
      'the key of another',
      () => ({ ...own(), AMQP_KEY_FILE: file('other.key') }),
      /^expected AMQP_CERT_FILE and AMQP_KEY_FILE to be a certificate and its key/,
    ],
    [
      'an account by no certificate',
      () => ({ AMQP_AUTH_MECHANISM: 'EXTERNAL' }),
      /^expected AMQP_CERT_FILE to be the file of the certificate that names our account/,
    ],
    ['a mechanism that is none', () => ({ AMQP_AUTH_MECHANISM: 'plain' }), /^expected AMQP_AUTH_MECHANISM to be PLAIN or EXTERNAL, got: "plain"$/],
    ['a URL without TLS', () => ({ ...own(), AMQP_URL: 'amqp://mq' }), /^expected AMQP_URL to be a URL beginning with amqps:\/\/ where AMQP_CERT_FILE is set/],
  ])('is refused with %s, in one line that names the variable', (_, values, expected) => {
    expect(() => configOf(values())).toThrow(ConfigError);
    expect(() => configOf(values())).toThrow(expected);
    expect(() => configOf(values())).not.toThrow(/\n|PRIVATE/);
  });

  test('is what the files have, and nothing of it is looked at where there is no broker', () => {
    const { amqpTls } = configOf({ ...own(), AMQP_CA_FILE: file('other.crt'), AMQP_AUTH_MECHANISM: 'EXTERNAL' });
    expect(amqpTls?.()).toEqual({ ca: certificates.read('other.crt'), cert: certificates.read('own.crt'), key: certificates.read('own.key'), external: true });
    expect(configOf({}).amqpTls?.()).toEqual({ external: false });
    expect(configOf({ AMQP_URL: 'amqp://mq' }).amqpTls).toBeUndefined();
    expect(configOf({ AMQP_CA_FILE: file('none'), LONGHAUL_BROKER: 'none' }).amqpTls).toBeUndefined();
  });
});
