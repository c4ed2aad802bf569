import { readFileSync } from 'node:fs';
import { SCOPES } from '@app/contracts';
import { describeControllers } from '../api-docs/describe-controllers.js';
import { OPERATIONS, operationOf } from './operations.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

test('each operation of the document has a row that says which right it needs, and no row is of another', async () => {
  const { paths } = await describeControllers();
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, operation.operationId]] : [];
    }),
  );
  expect(
    Object.entries(OPERATIONS)
      .map(([route, { name }]) => [route, name])
      .sort(),
  ).toEqual(documented.sort());
});

test('each scope is what some operation needs', () => {
  const needed = new Set(Object.values(OPERATIONS).map(({ needs }) => needs));
  expect(Object.keys(SCOPES).filter((scope) => !needed.has(scope as never))).toEqual([]);
});

test('the page about rights has each scope with its meaning', () => {
  const page = readFileSync('docs/operate/rights.md', 'utf8');
  for (const [scope, meaning] of Object.entries(SCOPES)) expect(page).toContain(`| \`${scope}\` | ${meaning} |`);
});

test('a route that nobody has given a right needs admin', () => {
  expect(operationOf('POST', '/new-route')).toMatchObject({ needs: 'admin', act: true });
  expect(operationOf('DELETE', '/jobs')).toMatchObject({ needs: 'admin' });
});
