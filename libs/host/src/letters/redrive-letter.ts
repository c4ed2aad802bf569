import { jobQueueName, OWN_PREFIX, WAKE_UP_TYPE } from '@app/contracts';
import {
  ALL_TENANTS,
  DEFAULT_TENANT,
  type DeadLetter,
  findJsonFault,
  type Job,
  type JobId,
  type JsonText,
  type JsonValue,
  isTerminal,
  Refusal,
  type Sees,
  type SubmitJob,
  type SubmitOptions,
  type SubmitRequest,
  traceparentOf,
} from '@app/core';
import type { HandlerRegistry } from '@app/sdk';
import type { RuntimeConfig } from '../config.js';
import { readJson } from '../door/json-body.js';
import { readOptions } from '../door/read-options.js';
import { accountOf, replyEntry } from '../door/read-submission.js';
import type { Store } from '../store.js';

/** The changes of an operator before a dead letter is put back. */
export interface LetterEdits {
  kind?: string;
  payload?: EditedPayload;
  /** In place of those that the message had. */
  options?: SubmitOptions;
}

export interface EditedPayload {
  value: JsonValue;
  text: JsonText;
}

export interface RedriveParts {
  store: Pick<Store, 'deadLetters' | 'jobs'>;
  kinds: Pick<HandlerRegistry, 'validate'>;
  submitJob: Pick<SubmitJob, 'submit'>;
  config: Pick<RuntimeConfig, 'broker' | 'maxJsonMembers' | 'mayReply'>;
}

/**
 * Puts dead letters back: a failed job is queued again; a message is submitted with what it asked for (queue, priority, its other options, where the
 * outcome goes), and with the operator's edits.
 * A repeat is safe: a job can be redriven only while it is failed, and a message has an idempotency key made of the letter's id. A repeat
 * without edits gets the same answer as the first call; one with edits is refused, because they would have no effect.
 */
export class RedriveLetter {
  constructor(private readonly parts: RedriveParts) {}

  /** Resolves with the id of the job that was queued. Rejects with `Refusal` when the letter cannot be put back. */
  async redrive(letter: DeadLetter, edits: LetterEdits, sees: Sees = null): Promise<JobId> {
    const edited = Object.keys(edits).length > 0;
    if (letter.redrivenAt && letter.redrivenJobId && !edited) return letter.redrivenJobId;
    if (letter.redrivenAt && letter.redrivenJobId) throw new Refusal('state_forbids', `it was redriven before, as job ${letter.redrivenJobId}`);
    if (letter.source === 'job' && letter.jobId) return this.ofJob(letter.jobId, edits, sees);
    if (letter.contentType === WAKE_UP_TYPE && edits.payload === undefined)
      throw new Refusal('state_forbids', 'it is a message that woke up jobs: they were woken up again when it was recorded, and it has no payload to submit');
    const { job } = await this.parts.submitJob.submit(this.submissionOf(letter, edits));
    await this.parts.store.deadLetters.markRedriven(letter.id, job.id);
    return job.id;
  }

  /** Puts a failed job back, with another payload if one is given. Resolves with the job as it is then. */
  async redriveJob(id: JobId, payload?: EditedPayload, sees: Sees = null): Promise<Job> {
    const { jobs } = this.parts.store;
    if (payload !== undefined) {
      const job = await jobs.find(id, sees);
      if (!job) throw noSuchJob(id);
      await this.check(job.kind, payload);
    }
    const change = await jobs.redrive(id, payload?.text, sees);
    if (!change) throw noSuchJob(id);
    // Another caller has already put it back.
    if (!change.accepted && payload === undefined && isBack(change.job)) return change.job;
    if (!change.accepted) throw new Refusal('state_forbids', `a job that is ${change.job.state} cannot be redriven, only a failed one can`);
    return change.job;
  }

  private async ofJob(id: JobId, { kind, payload, options }: LetterEdits, sees: Sees): Promise<JobId> {
    if (options !== undefined) throw refused('/options', 'must be left out', 'a job keeps its options');
    const job = await this.parts.store.jobs.find(id, sees);
    if (!job) throw new Refusal('not_found', `its job ${id} is gone`);
    if (kind !== undefined && kind !== job.kind) throw refused('/kind', `must be ${job.kind} or be left out`, `a job keeps its kind, which is ${job.kind}`);
    return (await this.redriveJob(id, payload, sees)).id;
  }

  /** What the message asked for, as the AMQP door reads it: but for what it was refused for, and what the edits say otherwise. */
  private submissionOf(letter: DeadLetter, edits: LetterEdits): SubmitRequest {
    const { config } = this.parts;
    const kind = edits.kind ?? letter.kind;
    if (!kind) throw refused('/kind', 'must be given', 'its kind is not known; give one');
    const { value, text } = edits.payload ?? (readJson(letter.body ?? Buffer.alloc(0), { maxMembers: config.maxJsonMembers }) as EditedPayload);
    const properties = letter.properties ?? {};
    const reply = replyEntry({ messageId: letter.messageId, replyTo: properties['reply_to'], correlationId: properties['correlation_id'] });
    const traceparent = traceparentOf(letter.headers['traceparent']);
    const options = edits.options ?? ownOptions(letter);
    return {
      kind,
      payload: value,
      payloadText: text,
      options,
      // One that belongs to no tenant is put back by somebody for all, as a job of the default one.
      tenant: letter.tenant === ALL_TENANTS ? DEFAULT_TENANT : letter.tenant,
      idempotencyKey: `dead-letter:${letter.id}`,
      ...(reply !== undefined && config.broker !== 'none' && config.mayReply(reply.to, accountOf({ userId: properties['user_id'] }))
        ? { notify: [reply] }
        : {}),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  private async check(kind: string, { value, text }: EditedPayload): Promise<void> {
    const fault = findJsonFault(value, '/payload');
    const faults = fault ? [fault] : await this.parts.kinds.validate(kind, value, text);
    if (faults.length > 0) throw new Refusal('invalid_payload', `the payload is not valid for ${kind}`, faults);
  }
}

/** The same for every id, also for one of another tenant. */
export function noSuchJob(id: string): Refusal {
  return new Refusal('not_found', `there is no job ${JSON.stringify(id.slice(0, 100))}`);
}

/** Whether the job was redriven and has not ended since. */
export function isBack({ redrives, state }: Pick<Job, 'redrives' | 'state'>): boolean {
  return redrives > 0 && !isTerminal(state);
}

/** The options of the message. Refuses what cannot be read by the field that takes its place. */
function ownOptions(letter: DeadLetter): SubmitOptions {
  const { headers, properties } = letter;
  let options: SubmitOptions;
  try {
    options = readOptions(headers, { priority: properties?.['priority'] });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refused('/options', 'must be given, in place of what the message has', `the options of the message cannot be read: ${error.message}`);
  }
  const meant = options.queue ?? jobQueueOf(letter);
  return meant === undefined ? options : { ...options, queue: meant };
}

/** Of a message that was given up on the queue of jobs, or that a worker could not read there. */
function jobQueueOf({ queue, reason }: DeadLetter): string | undefined {
  const prefix = jobQueueName('');
  if (queue?.startsWith(prefix)) return queue.slice(prefix.length);
  return reason === 'unreadable' && queue !== null && !queue.startsWith(OWN_PREFIX) ? queue : undefined;
}

function refused(pointer: string, detail: string, message: string): Refusal {
  return new Refusal('invalid_payload', message, [{ pointer, detail }]);
}
