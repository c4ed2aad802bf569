import { lintApi } from './lint-api.mjs';

const operation = {
  operationId: 'read',
  summary: 'Read',
  description: 'Reads.',
  tags: ['all'],
  responses: { 200: { description: 'Read' }, 400: { description: 'No' } },
};
const document = (/** @type {object} */ more) => ({
  openapi: '3.1.0',
  info: { title: 'A', version: '1', description: 'An API.', license: { name: 'MIT', url: 'https://opensource.org/license/mit' }, contact: { name: 'A' } },
  servers: [{ url: '/' }],
  security: [],
  tags: [{ name: 'all', description: 'All of it' }],
  paths: { '/': { get: { ...operation, ...more } } },
});

describe('the linters of the API', () => {
  test('have nothing to say of a document that is as they want it', async () => {
    expect(await lintApi(document({}))).toEqual([]);
  });

  test('both tell their faults, and warnings too', async () => {
    const faults = (await lintApi(document({ tags: ['none'], responses: { 200: { description: 'Read' } } }))).map((line) => line.split(' at ')[0]);
    expect(faults).toContain('redocly operation-4xx-response');
    expect(faults).toContain('spectral operation-tag-defined');
  });
});
