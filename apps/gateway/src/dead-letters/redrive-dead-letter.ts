import {
  type DeadLetter,
  type DeadLetters,
  findJsonFault,
  type JobControl,
  type JobId,
  type JobReader,
  type JsonText,
  type JsonValue,
  type Kinds,
  Refusal,
  type SubmitJob,
} from '@app/core';
import { readJson } from '../http/json-body.js';
import { isBack } from '../jobs/jobs.controller.js';

/** What an operator changes before it is tried again. */
export interface Edits {
  kind?: string;
  payload?: Payload;
}

interface Payload {
  value: JsonValue;
  text: JsonText;
}

/**
 * Puts dead letters back: a failed job is queued again; a message that was refused is submitted as it should have been.
 * Repeating it is safe: a job can be redriven only while it is failed, and a message under a key made of the letter's id. A repeat
 * without edits is answered as the first was; one with edits is refused, for they would not be heeded.
 */
export class RedriveDeadLetter {
  constructor(
    private readonly letters: DeadLetters,
    private readonly jobs: JobControl & JobReader,
    private readonly kinds: Kinds,
    private readonly submitJob: SubmitJob,
    private readonly maxMembers: number,
  ) {}

  /** The id of the job that runs now. Rejects with `Refusal` where nothing can be done. */
  async redrive(letter: DeadLetter, edits: Edits): Promise<JobId> {
    const edited = edits.kind !== undefined || edits.payload !== undefined;
    if (letter.redrivenAt && letter.redrivenJobId && !edited) return letter.redrivenJobId;
    if (letter.redrivenAt && letter.redrivenJobId) throw new Refusal('state_forbids', `it was redriven before, as job ${letter.redrivenJobId}`);
    if (letter.source === 'job' && letter.jobId) return this.redriveJob(letter.jobId, edits);
    const jobId = await this.resubmit(letter, edits);
    await this.letters.markRedriven(letter.id, jobId);
    return jobId;
  }

  private async redriveJob(id: JobId, { kind, payload }: Edits): Promise<JobId> {
    const job = await this.jobs.find(id);
    if (!job) throw new Refusal('not_found', `its job ${id} is gone`);
    if (kind !== undefined && kind !== job.kind)
      throw new Refusal('invalid_payload', `a job keeps its kind, which is ${job.kind}`, [{ pointer: '/kind', detail: `must be ${job.kind} or be left out` }]);
    if (payload !== undefined) await this.check(job.kind, payload);
    const change = await this.jobs.redrive(id, payload?.text);
    // Somebody else was faster, with the same in mind.
    if (change && !change.accepted && payload === undefined && isBack(change.job)) return id;
    if (!change?.accepted) throw new Refusal('state_forbids', `its job is ${change?.job.state ?? 'gone'}, only a failed one can be redriven`);
    return id;
  }

  private async resubmit(letter: DeadLetter, edits: Edits): Promise<JobId> {
    const kind = edits.kind ?? letter.kind;
    if (!kind) throw new Refusal('invalid_payload', 'its kind is not known; give one', [{ pointer: '/kind', detail: 'must be given' }]);
    const { value, text } = edits.payload ?? (readJson(letter.body ?? Buffer.alloc(0), { maxMembers: this.maxMembers }) as Payload);
    const { job } = await this.submitJob.submit({ kind, payload: value, payloadText: text, idempotencyKey: `dead-letter:${letter.id}` });
    return job.id;
  }

  private async check(kind: string, { value, text }: Payload): Promise<void> {
    const fault = findJsonFault(value, '/payload');
    const faults = fault ? [fault] : await this.kinds.validate(kind, value, text);
    if (faults.length > 0) throw new Refusal('invalid_payload', `the payload is not valid for ${kind}`, faults);
  }
}
