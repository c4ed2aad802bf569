import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { JobView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type JsonValue, Refusal } from '@app/core';
import { type EditedPayload, RedriveLetter } from '@app/host';
import { jobView } from '@app/views';
import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { jsonBodyOf } from '../http/accept-json.js';
import { bodyFields } from '../http/body-fields.js';
import { noteFaults } from '../http/pause-note.js';
import { jobId } from './job-id.js';
import { seenBy } from '../rights/tenant.js';

@ApiTags('jobs')
@Controller('jobs')
export class RedriveController {
  constructor(private readonly redriving: RedriveLetter) {}

  @Post(':id/redrive')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'redriveJob',
    summary: 'Put a failed job back, with all its attempts, and with another payload if one is given',
    description:
      'The payload is checked as that of a submission; the steps that the job has done are then forgotten, for they were done with the former one. Repeated without a payload before the job has ended again it changes nothing, and is answered alike.',
  })
  @ApiBody({
    type: wire.RedriveJob,
    required: false,
    examples: { as_it_was: { value: {} }, edited: { value: { payload: { month: '2026-01' }, reason: 'the month was wrong', by: 'anna' } } },
  })
  @ApiResponse({ status: 202, type: wire.JobView, description: 'Put back' })
  @ApiResponse({ status: 409, description: 'It has not failed' })
  @ApiResponse({ status: 422, description: 'The payload is not valid for the kind' })
  async redrive(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<JobView> {
    const payload = editedPayload(body, request, ['payload', ...NOTE]);
    return jobView(await this.redriving.redriveJob(jobId(id), payload, seenBy(request)));
  }
}

/** Who does it, and why, which the audit keeps. */
export const NOTE = ['reason', 'by'];

/** The payload of a body with these fields, its note among them, with its text: its numbers are kept as they were written. */
export function editedPayload(body: unknown, request: FastifyRequest, fields: readonly string[]): EditedPayload | undefined {
  const { payload, ...others } = bodyFields(body, fields);
  const faults = noteFaults(others);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the note is not valid', faults);
  const text = jsonBodyOf(request)?.member('payload');
  return text === undefined ? undefined : { value: payload as JsonValue, text };
}
