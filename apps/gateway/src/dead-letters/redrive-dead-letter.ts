import { WAKE_UP_TYPE } from '@app/contracts';
import { type DeadLetter, findJsonFault, type JobId, type JsonText, type JsonValue, Refusal, SubmitJob } from '@app/core';
import { CONFIG, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';
import { readJson } from '../http/json-body.js';
import { isBack } from '../jobs/jobs.controller.js';

/** The changes of an operator before a dead letter is put back. */
export interface Edits {
  kind?: string;
  payload?: Payload;
}

interface Payload {
  value: JsonValue;
  text: JsonText;
}

/**
 * Puts dead letters back: a failed job is queued again; a refused message is submitted, with the operator's edits.
 * A repeat is safe: a job can be redriven only while it is failed, and a message has an idempotency key made of the letter's id. A repeat
 * without edits gets the same answer as the first call; one with edits is refused, because they would have no effect.
 */
@Injectable()
export class RedriveDeadLetter {
  constructor(
    private readonly store: Store,
    private readonly kinds: HandlerRegistry,
    private readonly submitJob: SubmitJob,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Resolves with the id of the job that was queued. Rejects with `Refusal` when the letter cannot be put back. */
  async redrive(letter: DeadLetter, edits: Edits): Promise<JobId> {
    const edited = edits.kind !== undefined || edits.payload !== undefined;
    if (letter.redrivenAt && letter.redrivenJobId && !edited) return letter.redrivenJobId;
    if (letter.redrivenAt && letter.redrivenJobId) throw new Refusal('state_forbids', `it was redriven before, as job ${letter.redrivenJobId}`);
    if (letter.source === 'job' && letter.jobId) return this.redriveJob(letter.jobId, edits);
    if (letter.contentType === WAKE_UP_TYPE && edits.payload === undefined)
      throw new Refusal('state_forbids', 'it is a message that woke up jobs: they were woken up again when it was recorded, and it has no payload to submit');
    const jobId = await this.resubmit(letter, edits);
    await this.store.deadLetters.markRedriven(letter.id, jobId);
    return jobId;
  }

  private async redriveJob(id: JobId, { kind, payload }: Edits): Promise<JobId> {
    const job = await this.store.jobs.find(id);
    if (!job) throw new Refusal('not_found', `its job ${id} is gone`);
    if (kind !== undefined && kind !== job.kind)
      throw new Refusal('invalid_payload', `a job keeps its kind, which is ${job.kind}`, [{ pointer: '/kind', detail: `must be ${job.kind} or be left out` }]);
    if (payload !== undefined) await this.check(job.kind, payload);
    const change = await this.store.jobs.redrive(id, payload?.text);
    // Another caller has already put it back.
    if (change && !change.accepted && payload === undefined && isBack(change.job)) return id;
    if (!change?.accepted) throw new Refusal('state_forbids', `its job is ${change?.job.state ?? 'gone'}, only a failed one can be redriven`);
    return id;
  }

  private async resubmit(letter: DeadLetter, edits: Edits): Promise<JobId> {
    const kind = edits.kind ?? letter.kind;
    if (!kind) throw new Refusal('invalid_payload', 'its kind is not known; give one', [{ pointer: '/kind', detail: 'must be given' }]);
    const { value, text } = edits.payload ?? (readJson(letter.body ?? Buffer.alloc(0), { maxMembers: this.config.maxJsonMembers }) as Payload);
    const { job } = await this.submitJob.submit({ kind, payload: value, payloadText: text, idempotencyKey: `dead-letter:${letter.id}` });
    return job.id;
  }

  private async check(kind: string, { value, text }: Payload): Promise<void> {
    const fault = findJsonFault(value, '/payload');
    const faults = fault ? [fault] : await this.kinds.validate(kind, value, text);
    if (faults.length > 0) throw new Refusal('invalid_payload', `the payload is not valid for ${kind}`, faults);
  }
}
