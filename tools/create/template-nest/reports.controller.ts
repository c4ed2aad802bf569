import { Body, Controller, HttpCode, Post, UnprocessableEntityException } from '@nestjs/common';
import { Jobs, Refusal } from 'longhaul';
import { RenderReport, type RenderReportPayload } from './report-render.job.js';

@Controller('reports')
export class ReportsController {
  constructor(private readonly jobs: Jobs) {}

  /** Answers when the job is durable. Its payload is checked by the job's own class: 422 with each fault. */
  @Post()
  @HttpCode(202)
  async render(@Body() payload: RenderReportPayload): Promise<{ id: string }> {
    try {
      const { id } = await this.jobs.submit(RenderReport, payload);
      return { id };
    } catch (error) {
      if (error instanceof Refusal && error.code === 'invalid_payload') throw new UnprocessableEntityException(error.faults);
      throw error;
    }
  }
}
