import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { Entrance } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { publicPath } from '@app/core';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONSOLE_PATH } from '../console/serve-console.js';
import { escaped, page, PAGE_POLICY } from '../http/page.js';
import { prefersHtml } from '../http/prefers-html.js';
import { addVary } from '../http/vary.js';

const DESCRIPTION = 'Accepts work in milliseconds, does it on workers, tells when it is done.';

/** Says on the page for people where each link leads. */
const MEANINGS: Record<keyof Entrance['links'], string> = {
  console: 'The jobs as they are now, to look at and to act on',
  docs: 'The API, to read and to try out',
  openapi: 'The same for programs, as OpenAPI',
  asyncapi: 'The AMQP door, as AsyncAPI',
  kinds: 'What can be submitted',
  jobs: 'What was submitted, newest first',
  queues: 'How much waits, and for how long',
  deadLetters: 'What was given up, with the reason',
  health: 'Whether it is well',
};

@ApiTags('about')
@Controller()
export class EntranceController {
  @Get()
  @ApiOperation({ operationId: 'about', summary: 'What answers here, and where things are', description: 'Browsers, which ask for text/html, get a page.' })
  @ApiResponse({ status: 200, type: wire.Entrance, description: 'Where things are' })
  read(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): Entrance | string {
    addVary(reply, 'Accept');
    const entrance = entranceView();
    if (!prefersHtml(accept)) return entrance;
    void reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY);
    return entrancePage(entrance);
  }
}

function entranceView(): Entrance {
  const links = {
    console: CONSOLE_PATH,
    docs: '/docs',
    openapi: '/openapi.json',
    asyncapi: '/asyncapi.json',
    kinds: '/kinds',
    jobs: '/jobs',
    queues: '/queues',
    deadLetters: '/dead-letters',
    health: '/health/ready',
  };
  return {
    name: 'longhaul',
    description: DESCRIPTION,
    links: Object.fromEntries(Object.entries(links).map(([name, path]) => [name, publicPath(path)])) as unknown as typeof links,
  };
}

function entrancePage({ links, description }: Entrance): string {
  const rows = Object.entries(MEANINGS).map(([name, meaning]) => {
    const path = escaped(links[name as keyof Entrance['links']]);
    return `<dt><a href="${path}">${path}</a></dt><dd>${meaning}</dd>`;
  });
  return page({ title: 'Longhaul', look: 'queued', content: `<h1>Longhaul</h1>\n<p>${description}</p>\n<dl>\n${rows.join('\n')}\n</dl>\n` });
}
