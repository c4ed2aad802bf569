// What `longhaul start` and `dev` say when everything runs: where it is, and what to try.

/**
 * The kinds that can be submitted; undefined where the gateway tells them only to callers with a key (`AUTH=on`).
 * @param {string} url @returns {Promise<string[] | undefined>}
 */
export async function kindsOf(url) {
  const answer = await fetch(`${url}/kinds`);
  if (answer.status === 401) return undefined;
  const { items } = /** @type {{ items: { kind: string }[] }} */ (await answer.json());
  return items.map(({ kind }) => kind);
}

/** @param {{ url: string, workerUrl: string | null, kinds: string[] | undefined, command: string }} what `command`: what runs the command line here */
export function whereText({ url, workerUrl, kinds, command }) {
  const trial = kinds?.includes('debug.echo') ? `debug.echo '{"value":"hello"}'` : `${kinds?.[0] ?? '<kind>'} '{…}'`;
  const settings = `${url === 'http://127.0.0.1:3000' ? '' : `LONGHAUL_URL=${url} `}${kinds ? '' : 'LONGHAUL_KEY=lh_… '}`;
  return `
  console   ${url}/console
  gateway   ${url}          OpenAPI ${url}/openapi.json
  worker    ${workerUrl ? `${workerUrl}/health/ready` : 'in the gateway (no broker)'}
  ${kinds ? `kinds     ${kinds.join(', ')}` : `AUTH      is on: callers need a key, which ${command} keys create makes`}

  Try it, in another terminal:

    ${settings}${command} submit ${trial} --wait

  Ctrl-C stops everything that was started here.

`;
}
