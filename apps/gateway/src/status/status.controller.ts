import { ApiExcludeController } from '@app/contracts/schemas';
import { isTerminal, type JobSummary, publicPath } from '@app/core';
import { CONFIG, type StatusLink, Store } from '@app/host';
import type { StoredFile } from '@app/sdk';
import { StoredFiles } from '@app/storage';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendFile } from '../files/send-file.js';
import type { GatewayConfig } from '../gateway.config.js';
import { problemOf } from '../http/problem.filter.js';
import { retryAfter } from '../jobs/job-replies.js';
import { filesIn } from '../jobs/named-files.js';
import { RunTimes } from '../jobs/run-times.js';
import { BUSY_PAGE, BUSY_SECONDS, DEAD_LINK_PAGE, type Download, sizeOf, STATUS_POLICY, statusPage } from './status-page.js';

/** How often a page looks again: a person sees whether something moves. */
const LOOKS = { least: 3, running: 10, waiting: 30 };
const UNAVAILABLE = 503;

interface Found {
  link: StatusLink;
  job: JobSummary;
}

/** Pages for those who wait for a job and have no key: the link is all that they need. */
@ApiExcludeController()
@Controller('p')
export class StatusController {
  constructor(
    private readonly store: Store,
    private readonly files: StoredFiles,
    private readonly runTimes: RunTimes,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get(':token')
  async page(@Param('token') token: string, @Query('look') once: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(token, reply, async ({ link, job }) => {
      const downloads = [...(await this.filesOf(link, job)).map(fileDownload), ...resultDownload(link, job)];
      sendPage(
        reply,
        statusPage(job, link, downloads, {
          base: publicPath(`/p/${token}`),
          againSeconds: once === 'once' ? null : this.again(job),
          now: this.store.time.now(),
        }),
      );
    });
  }

  @Get(':token/result')
  async result(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(token, reply, async ({ link, job }) => {
      if (resultDownload(link, job).length === 0) return sendPage(reply.code(404), DEAD_LINK_PAGE);
      const headers = { 'content-type': 'application/json; charset=utf-8', 'content-disposition': 'attachment; filename="result.json"' };
      await reply.headers(headers).send(job.result);
    });
  }

  @Get(':token/files/:number')
  async file(@Param('token') token: string, @Param('number') number: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(token, reply, async ({ link, job }) => {
      const file = (await this.filesOf(link, job))[Number(number) - 1];
      if (file) await sendFile(this.files, file, request, reply, 'attachment');
      else sendPage(reply.code(404), DEAD_LINK_PAGE);
    });
  }

  /** A link that has ended, that nobody has made, or whose job is gone: one answer, and of the last alone the database is asked. */
  private async answer(token: string, reply: FastifyReply, found: (found: Found) => Promise<void> | void): Promise<void> {
    const link = this.config.statusLinks.read(token, this.store.time.now());
    try {
      const job = link && (await this.store.jobs.view(link.jobId));
      if (link && job) await found({ link, job });
      else sendPage(reply.code(404), DEAD_LINK_PAGE);
    } catch (error) {
      // A person would be shown JSON, and no page that tries again.
      if (reply.sent || problemOf(error, '').status !== UNAVAILABLE) throw error;
      sendPage(reply.code(UNAVAILABLE).header('retry-after', String(BUSY_SECONDS)), BUSY_PAGE);
    }
  }

  /** The stored files that the result names, of the job's own tenant. */
  private async filesOf({ shows }: StatusLink, { state, result, tenant }: JobSummary): Promise<StoredFile[]> {
    if (!shows.includes('files') || state !== 'succeeded' || result === null) return [];
    const beginning = publicPath('/files/');
    const ids = filesIn(JSON.parse(result)).map(({ url }) => url.slice(beginning.length).split('/')[0] ?? '');
    const files = await Promise.all([...new Set(ids)].map((id) => this.files.find(id, tenant)));
    return files.filter((file) => file !== undefined);
  }

  private again(job: JobSummary): number {
    const seconds = retryAfter(job, this.runTimes.of(job.kind), this.store.time.now());
    return Math.max(LOOKS.least, Math.min(seconds, job.state === 'running' ? LOOKS.running : LOOKS.waiting));
  }
}

function fileDownload({ name, mediaType, size }: StoredFile, at: number): Download {
  return { name, about: `${mediaType} · ${sizeOf(size)}`, path: `/files/${at + 1}` };
}

function resultDownload({ shows }: StatusLink, { state, result }: JobSummary): Download[] {
  if (!shows.includes('result') || !isTerminal(state) || result === null || result === 'null') return [];
  return [{ name: 'Result', about: `JSON · ${sizeOf(Buffer.byteLength(result))}`, path: '/result' }];
}

function sendPage(reply: FastifyReply, page: string): void {
  void reply.type('text/html; charset=utf-8').header('content-security-policy', STATUS_POLICY).header('x-robots-tag', 'noindex').send(page);
}
