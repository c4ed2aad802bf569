import type { KindList, KindPause, PauseNote } from './model.js';
import type { CallOptions, Transport } from './transport.js';

/** The kinds of an installation, and their pauses. */
export class JobKinds {
  constructor(private readonly transport: Transport) {}

  /** All kinds that can be submitted, with the JSON Schema of their payloads. */
  list(call?: CallOptions): Promise<KindList> {
    return this.transport.json({ method: 'GET', path: '/kinds' }, call);
  }

  /** No job of it is started any more, within a second; running ones go on. */
  pause(kind: string, note: PauseNote = {}, call?: CallOptions): Promise<KindPause> {
    return this.transport.json({ method: 'POST', path: `/kinds/${encodeURIComponent(kind)}/pause`, body: note }, call);
  }

  /** Also a kind that was paused and is not registered any more. */
  resume(kind: string, call?: CallOptions): Promise<KindPause> {
    return this.transport.json({ method: 'POST', path: `/kinds/${encodeURIComponent(kind)}/resume` }, call);
  }
}
