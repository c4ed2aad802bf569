import type { Scope } from '@app/contracts';
import { principalOfClaims } from './jwt-rights.js';

const GROUPS = {
  groupsClaim: 'groups',
  groupScopes: new Map<string, Scope[]>([
    ['/Job Operators', ['jobs:read', 'jobs:control']],
    ['7f3c', ['queues:read']],
  ]),
};
const CONFIG = { scopeClaims: ['scope', 'scp', 'permissions'], ...GROUPS, tenantClaim: null, kindsClaim: 'longhaul_kinds' };
const of = (claims: object, config = CONFIG) => principalOfClaims({ sub: 'ada', exp: 1_000, ...claims }, config, 30);

test.each<[string, object, string[]]>([
  ['a text with spaces', { scope: 'openid jobs:read jobs:submit' }, ['jobs:read', 'jobs:submit']],
  ['a list', { permissions: ['jobs:read', 'jobs:read', 7, null] }, ['jobs:read']],
  ['the first claim that names one, so that what was asked for narrows what is possible', { scope: 'jobs:read', permissions: ['admin'] }, ['jobs:read']],
  ['the next claim where the first names none of ours', { scope: 'openid', scp: 'jobs:read' }, ['jobs:read']],
  ['nothing where there are none', { scope: 'openid' }, []],
  ['nothing by the name of what every object has', { scope: 'constructor toString __proto__' }, []],
  ['nothing by what is neither', { scope: { 'jobs:read': true }, scp: 5 }, []],
])('scopes are read from %s', (_, claims, scopes) => expect(of(claims)?.scopes).toEqual(scopes));

test.each<[string, object, string[]]>([
  ['those of each', { groups: ['/Job Operators', '7f3c', 'others'] }, ['jobs:read', 'jobs:control', 'queues:read']],
  ['those of one that is a text', { groups: '/Job Operators' }, ['jobs:read', 'jobs:control']],
  ['beside the scopes that are named', { scope: 'jobs:submit jobs:read', groups: ['/Job Operators'] }, ['jobs:submit', 'jobs:read', 'jobs:control']],
  ['none for a part of a name, another case, or what every object has', { groups: ['Job', '/job operators', 'constructor', 7, null, ['7f3c x']] }, []],
])('groups have scopes: %s', (_, claims, scopes) => expect(of(claims)?.scopes).toEqual(scopes));

test('a claim with kinds narrows what groups may do, too', () => {
  expect(of({ groups: ['/Job Operators', '7f3c'], longhaul_kinds: ['csv.*'] })).toMatchObject({ kinds: ['csv.*'], scopes: ['jobs:read', 'jobs:control'] });
});

test('a claim is found by its name, which may have dots, and by its path', () => {
  expect(of({ 'https://a.example/roles': ['jobs:read'] }, { ...CONFIG, scopeClaims: ['https://a.example/roles'] })?.scopes).toEqual(['jobs:read']);
  expect(of({ realm_access: { roles: ['jobs:read'] } }, { ...CONFIG, scopeClaims: ['realm_access.roles'] })?.scopes).toEqual(['jobs:read']);
  expect(of({ realm_access: 'x' }, { ...CONFIG, scopeClaims: ['realm_access.roles', 'constructor.name'] })?.scopes).toEqual([]);
});

test('kinds narrow a token, and take away what cannot be narrowed', () => {
  expect(of({ scope: 'jobs:read admin limits:write' })).toMatchObject({ kinds: null, scopes: ['jobs:read', 'admin', 'limits:write'] });
  expect(of({ scope: 'jobs:read admin limits:write', longhaul_kinds: ['report.*', 'csv.import'] })).toMatchObject({
    kinds: ['report.*', 'csv.import'],
    scopes: ['jobs:read'],
  });
});

test.each([[null], [''], ['*'], [[]], [[7]], [{ all: true }], ['../x']])('a claim with kinds that is %j allows no kind, and not every one', (claim) =>
  expect(of({ scope: 'jobs:read', longhaul_kinds: claim })?.kinds).toEqual([]),
);

test('the audit has its subject, people its name, and it ends with its token', () => {
  expect(of({ preferred_username: 'Ada' })).toMatchObject({ subject: 'jwt:ada', via: 'jwt', name: 'Ada', tenant: 'default', until: 1_030_000 });
  expect(of({ client_id: 'billing' })?.name).toBe('billing');
  expect(of({})?.name).toBe('ada');
  expect(new Date(of({ exp: 1e300 })?.until ?? 0).toISOString()).toBe('9999-12-31T23:59:59.000Z');
});

test.each([[undefined], [''], [7], ['a\nb'], ['x'.repeat(256)]])('a token whose subject is %j is refused', (sub) => expect(of({ sub })).toBeUndefined());

const ofTenant = (claim: object) =>
  principalOfClaims(
    { sub: 'ada', exp: 1_000, scope: 'jobs:read admin', ...claim },
    { ...GROUPS, scopeClaims: ['scope'], kindsClaim: 'longhaul_kinds', tenantClaim: 'org.id' },
    30,
  );

test('where a claim says the tenant, the token is of that one, or for all by an asterisk', () => {
  expect(ofTenant({ org: { id: 'acme' } })).toMatchObject({ tenant: 'acme', scopes: ['jobs:read', 'admin'] });
  expect(ofTenant({ 'org.id': 'Globex_2' })?.tenant).toBe('Globex_2');
  expect(ofTenant({ org: { id: '*' } })?.tenant).toBeNull();
});

test.each([[undefined], [null], [''], [7], [['acme']], ['a.b'], ['a b'], ['default\n'], ['x'.repeat(64)]])(
  'where a claim says the tenant, a token with %j for it is refused, and not for all',
  (id) => expect(ofTenant({ org: { id } })).toBeUndefined(),
);

test('where no claim says it, a token for an operator is for all tenants, and any other of the default one', () => {
  expect(of({ scope: 'jobs:read' })?.tenant).toBe('default');
  for (const scope of ['admin', 'queues:control', 'limits:write', 'metrics:read']) expect(of({ scope: `jobs:read ${scope}` })?.tenant).toBeNull();
});
