import { allows, Store } from '@app/host';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientOfRequest } from '../http/client-of.js';
import { callerOf, principalOf } from '../rights/caller.js';
import { tenantOfCaller } from '../rights/tenant.js';
import { OpenStreams } from './open-streams.js';
import { SseStream } from './sse-stream.js';

/** Opens streams that count against the quota of the caller's tenant. */
@Injectable()
export class StreamDoor {
  constructor(
    private readonly store: Store,
    private readonly streams: OpenStreams,
  ) {}

  /** Throws a `Refusal` where there is no room for one more stream of this client. */
  admit(request: FastifyRequest): void {
    this.streams.admit(clientOfRequest(request.raw));
  }

  /** Rejects with `QuotaExceeded` before anything is answered. */
  async open(request: FastifyRequest, reply: FastifyReply, onDrain: () => void, onClose: () => void): Promise<SseStream> {
    const taken = request.method === 'HEAD' ? undefined : await this.store.reservations.take(tenantOfCaller(request), 'streams', 1);
    const closed = () => {
      this.streams.remove(stream);
      onClose();
    };
    const stream: SseStream = SseStream.open(reply, onDrain, closed, !allows(principalOf(request.raw), 'jobs:payload'));
    if (request.method === 'HEAD') stream.end();
    else this.streams.add(stream, clientOfRequest(request.raw), callerOf(request.raw), taken);
    return stream;
  }
}
