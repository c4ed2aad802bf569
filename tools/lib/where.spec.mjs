import { createServer } from 'node:http';
import { kindsOf, whereText } from './where.mjs';

/** What is said of a gateway that answers so to GET /kinds. @param {number} status @param {object} body */
async function said(status, body) {
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  try {
    const kinds = await kindsOf(url);
    return whereText({ url, workerUrl: null, kinds, command: 'npx longhaul' }).replaceAll(url, 'URL');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('what is said when everything runs', () => {
  test('names the kinds, and how to submit the first', async () => {
    const text = await said(200, { items: [{ kind: 'mail.send' }, { kind: 'report.render' }] });
    expect(text).toContain('kinds     mail.send, report.render');
    expect(text).toContain("LONGHAUL_URL=URL npx longhaul submit mail.send '{…}' --wait");
  });

  test('is said too by a gateway that wants a key, with how to make one', async () => {
    const text = await said(401, { type: '/problems/unauthenticated', status: 401 });
    expect(text).toContain('AUTH      is on: callers need a key, which npx longhaul keys create makes');
    expect(text).toContain("LONGHAUL_URL=URL LONGHAUL_KEY=lh_… npx longhaul submit <kind> '{…}' --wait");
  });
});
