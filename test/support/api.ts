import type { JobView } from '@app/contracts';
import { waitFor } from './wait-for.js';

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** A small client of the HTTP door, as a caller would write it. */
export class Api {
  constructor(readonly url: string) {}

  async call<Body = JobView>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const init: RequestInit = { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } };
    if (body !== undefined) init.body = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }

  submit(kind: string, payload: unknown, options?: object, headers?: Record<string, string>): Promise<Answer<JobView>> {
    return this.call('POST', '/jobs', { kind, payload, ...(options === undefined ? {} : { options }) }, headers);
  }

  /** The job's id, once it is accepted. */
  async accepted(kind: string, payload: unknown, options?: object): Promise<string> {
    const { status, body } = await this.submit(kind, payload, options);
    if (status !== 202) throw new Error(`expected 202, got ${String(status)}: ${JSON.stringify(body)}`);
    return body.id;
  }

  async job(id: string): Promise<JobView> {
    return (await this.call('GET', `/jobs/${id}`)).body;
  }

  waitForState(id: string, state: JobView['state'], timeoutMs = 60_000): Promise<JobView> {
    return waitFor(
      `job ${id} to be ${state}`,
      async () => {
        const job = await this.job(id);
        if (job.state !== state) throw new Error(`it is ${job.state}: ${JSON.stringify(job)}`);
        return job;
      },
      { timeoutMs },
    );
  }

  async deadLetters<
    Letter = { id: string; reason: string; detail: string; jobId: string | null; kind: string | null; messageId: string | null; occurrences: number },
  >(query = ''): Promise<Letter[]> {
    return (await this.call<{ items: Letter[] }>('GET', `/dead-letters${query}`)).body.items;
  }
}
