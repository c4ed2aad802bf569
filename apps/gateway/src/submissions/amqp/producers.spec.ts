import { Environment } from '@app/host';
import { producersConfig } from './producers.js';

const producers = (text: string, auth = true) => producersConfig(new Environment({ AMQP_PRODUCERS: text }), auth);

test('with AUTH on, the account of a message says of which tenant it is, and no other message is taken', () => {
  const known = producers('billing=acme, shop = globex');
  expect(known.tenantOf({ userId: 'billing' })).toBe('acme');
  expect(known.tenantOf({ userId: 'shop' })).toBe('globex');
  expect(() => known.tenantOf({})).toThrow('expected the property user_id, which says whose message it is, got none');
  expect(() => known.tenantOf({ userId: '' })).toThrow('got none');
  expect(() => known.tenantOf({ userId: 'eve' })).toThrow('expected a user_id that AMQP_PRODUCERS names, got: "eve"');
  expect(() => known.tenantOf({ userId: 'constructor' })).toThrow('AMQP_PRODUCERS');
});

test('a letter of an unknown account belongs to no tenant', () => {
  const known = producers('billing=acme');
  expect([{ userId: 'billing' }, { userId: 'eve' }, {}].map((properties) => known.tenantOfLetter(properties))).toEqual(['acme', '*', '*']);
});

test('with AUTH off, every message is of the default tenant', () => {
  const anybody = producers('', false);
  expect([{ userId: 'billing' }, {}].flatMap((properties) => [anybody.tenantOf(properties), anybody.tenantOfLetter(properties)])).toEqual(
    Array.from({ length: 4 }, () => 'default'),
  );
});

test.each([
  ['billing', 'a comma list of names that match'],
  ['billing=', 'a comma list of names that match'],
  ['billing=*', 'with a tenant that matches'],
  ['billing=a.b', 'with a tenant that matches'],
  ['billing=acme,billing=globex', 'each user once'],
])('AMQP_PRODUCERS=%s is refused at the start, in one line', (text, why) => {
  expect(() => producers(text)).toThrow(why);
});

test('producers are refused while AUTH is off, because nobody would ask for them', () => {
  expect(() => producers('billing=acme', false)).toThrow('expected AMQP_PRODUCERS to be nothing while AUTH is off');
});
