import { brokerFault } from './broker-fault.js';
import { BrokerRefusal } from './refusal.js';
import { ToldReasons } from './told-reasons.js';

const URL = 'amqp://me:secret@mq.example/orders';

test.each([
  [
    new BrokerRefusal(530, 'NOT_ALLOWED - vhost orders not found'),
    /virtual host "orders" on mq.example:5672 to exist.*vhost orders not found.*rabbitmqctl add_vhost orders/,
  ],
  [
    new BrokerRefusal(530, "NOT_ALLOWED - access to vhost 'orders' refused for user 'me'"),
    /"me" to have access.*refused for user 'me'.*set_permissions -p orders me/,
  ],
  [
    new BrokerRefusal(530, "NOT_ALLOWED - access to vhost 'orders' refused for user 'me': connection limit (1) is reached"),
    /limit \(1\) is reached.*list_vhost_limits/,
  ],
  [new BrokerRefusal(541, "INTERNAL_ERROR - access to vhost 'orders' refused for user 'me': vhost 'orders' is down"), /is down.*restart_vhost -p orders/],
  [
    new BrokerRefusal(403, 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.'),
    /let "me" in.*Login was refused.*correct user and password in AMQP_URL/,
  ],
  [Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5672'), { code: 'ECONNREFUSED' }), /mq.example:5672, got: ECONNREFUSED; start it/],
  [Object.assign(new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })]), { code: 'ECONNREFUSED' }), /got: ECONNREFUSED; start it/],
  [Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), /certificate.*AMQP_CA_FILE/],
  [
    Object.assign(new Error('tlsv13 alert certificate required\n'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }),
    /take our certificate.*AMQP_CERT_FILE/,
  ],
  [new BrokerRefusal(403, 'ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL.'), /account of our certificate.*ssl_cert_login_from/],
  [
    new BrokerRefusal(530, "NOT_ALLOWED - access to vhost 'orders' refused for user 'CN=gateway'"),
    /"CN=gateway" to have access.*set_permissions -p orders CN=gateway/,
  ],
  [Object.assign(new Error('wrong version number'), { code: 'EPROTO' }), /offer TLS/],
  [new Error('Socket closed abruptly during opening handshake'), /closed while it was opened.*amqps/],
])('%s is one line that says what mends it, without the password (C24)', (error, expected) => {
  const line = brokerFault(error, URL);
  expect(line).toMatch(expected);
  expect(line).not.toMatch(/secret|\n/);
});

test('an error that is none of the connection keeps its words', () => {
  expect(brokerFault(new TypeError('a bug'), URL)).toBe('a bug');
});

test('a reason is told when it comes up, and again only after a minute or when it was mended meanwhile (C24)', () => {
  let now = 0;
  const told = new ToldReasons(() => now);
  const tries = (reason: string) => told.isNew(reason);
  expect([tries('a'), tries('a'), tries('b'), tries('a')]).toEqual([true, false, true, false]);
  now = 59_999;
  expect(tries('a')).toBe(false);
  now = 60_000;
  expect([tries('a'), tries('a')]).toEqual([true, false]);
  told.forget('a');
  expect(tries('a')).toBe(true);
});
