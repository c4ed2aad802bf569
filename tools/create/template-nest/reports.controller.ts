import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Jobs } from 'longhaul';
import { RenderReport, type RenderReportPayload } from './report-render.job.js';

@Controller('reports')
export class ReportsController {
  constructor(private readonly jobs: Jobs) {}

  /** Answers when the job is durable. Its payload is checked by the job's own class. */
  @Post()
  @HttpCode(202)
  async render(@Body() payload: RenderReportPayload): Promise<{ id: string }> {
    const { id } = await this.jobs.submit(RenderReport, payload);
    return { id };
  }
}
