import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Refusal } from '@app/core';
import type { PublicUrl } from '@app/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export const DOCS_PATH = '/docs';

/** What the page loads of swagger-ui-dist. Its other files are served to nobody. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

/** Loads its files by relative paths, so that it works below every path. `base`: from the page to its files. */
const page = (base: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Longhaul API</title>
<link rel="icon" type="image/png" href="${base}favicon-32x32.png">
<link rel="stylesheet" href="${base}swagger-ui.css">
<style>body { margin: 0; background: #fafafa; }</style>
</head>
<body>
<div id="swagger-ui"></div>
<script src="${base}swagger-ui-bundle.js"></script>
<script src="${base}swagger-ui-init.js"></script>
</body>
</html>
`;

/** Options: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/. The document lies beside /docs. */
const START = `window.ui = SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  tryItOutEnabled: true,
});
`;

/**
 * The content security policy: pages may run their own scripts, and call the gateway at either of its addresses. Without it a link to the docs with
 * `?url=` could show the document of another API as Longhaul's.
 */
function policy(url: PublicUrl | null): string {
  const connect = ["'self'", ...(url ? [url.origin] : [])].join(' ');
  return `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

const NOT_INSTALLED =
  'the pages of the API need a package that is not installed; npm install swagger-ui-dist, then start again. /openapi.json is the API for programs';

/** Where npm has put swagger-ui-dist, an optional package of 11 MB; null where it is not installed. */
function installedAt(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** Serves the pages of the API at `/docs`, or says there what to install. Nothing is read before somebody asks. */
export function servePages(fastify: FastifyInstance, url: PublicUrl | null, folder = installedAt()): void {
  if (folder === null) {
    fastify.get(DOCS_PATH, () => {
      throw new Refusal('not_found', NOT_INSTALLED);
    });
    return;
  }
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    void reply.header('content-security-policy', policy(url));
    const name = (request.params as { '*'?: string })['*'] ?? '';
    const slash = request.raw.url?.split('?', 1)[0]?.endsWith('/') ?? false;
    if (name === '' || name === 'index.html') return reply.type('text/html; charset=utf-8').send(page(name === '' && !slash ? './docs/' : './'));
    if (name === 'swagger-ui-init.js') return reply.type('text/javascript; charset=utf-8').send(START);
    const type = FILES.get(name);
    if (type === undefined)
      throw new Refusal('not_found', `the pages of the API have no file ${JSON.stringify(name.slice(0, 100))}; they begin at ${DOCS_PATH}`);
    return reply.type(type).send(await readFile(join(folder, name)));
  };
  fastify.get(DOCS_PATH, answer);
  fastify.get(`${DOCS_PATH}/*`, answer);
}
