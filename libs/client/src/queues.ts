import { ProblemError } from './errors.js';
import type { DeclaredQueue, PauseNote, Queue, QueueChange, QueueList, QueuePause, QueueSettings } from './model.js';
import type { CallOptions, Request, Transport } from './transport.js';

/** What can be done with queues. Each call may be repeated: the second one changes nothing. */
export class Queues {
  constructor(private readonly transport: Transport) {}

  /** All queues, by name, with their jobs counted. */
  list(call?: CallOptions): Promise<QueueList> {
    return this.transport.json({ method: 'GET', path: '/queues' }, call);
  }

  get(name: string, call?: CallOptions): Promise<Queue> {
    return this.transport.json({ method: 'GET', path: pathOf(name) }, call);
  }

  /** Makes a queue known, so that submissions may name it. */
  declare(name: string, call?: CallOptions): Promise<DeclaredQueue> {
    return this.transport.json({ method: 'PUT', path: pathOf(name) }, call);
  }

  /** Pauses or resumes it, or says how it shares its workers; what is left out stays as it is. `fair: null` is first in, first out. */
  change(name: string, change: QueueChange, call?: CallOptions): Promise<QueueSettings> {
    return this.transport.json({ method: 'PATCH', path: pathOf(name), body: change }, call);
  }

  /** No job of it is started any more, within a second; running ones go on. */
  pause(name: string, note: PauseNote = {}, call?: CallOptions): Promise<QueuePause> {
    return this.transport.json({ method: 'POST', path: `${pathOf(name)}/pause`, body: note }, call);
  }

  resume(name: string, call?: CallOptions): Promise<QueuePause> {
    return this.transport.json({ method: 'POST', path: `${pathOf(name)}/resume` }, call);
  }

  /** Only an empty queue that no kind needs; a `ProblemError` of status 409 otherwise. After a lost answer it is repeated, and finds it gone. */
  async delete(name: string, call?: CallOptions): Promise<void> {
    let attempts = 0;
    const request: Request = { method: 'DELETE', path: pathOf(name), onAttempt: () => attempts++ };
    try {
      await this.transport.send(request, call);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 404 || attempts < 2) throw error;
    }
  }
}

function pathOf(name: string): string {
  return `/queues/${encodeURIComponent(name)}`;
}
