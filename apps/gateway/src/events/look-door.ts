import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unavailableView } from '../stats/stats-view.js';
import { type Look, SharedLooks } from './shared-looks.js';
import { StreamDoor } from './stream-door.js';

/** Opens streams that tell what one look at the store shows, now and when it has changed. */
@Injectable()
export class LookDoor {
  constructor(
    private readonly door: StreamDoor,
    private readonly looks: SharedLooks,
  ) {}

  /**
   * `seenAs`: all that decides what the look shows, above all whose rows the caller sees. Callers for whom it is the same share one look. Payloads are left
   * out for each reader that may not see them, so that is no part of it.
   */
  async open(request: FastifyRequest, reply: FastifyReply, seenAs: readonly unknown[], look: Omit<Look, 'key' | 'away'>): Promise<void> {
    this.door.admit(request);
    let leave = (): void => undefined;
    const stream = await this.door.open(request, reply, () => undefined, () => leave()); // prettier-ignore
    if (request.method === 'HEAD' || reply.raw.destroyed || reply.raw.writableEnded) return;
    leave = this.looks.read({ ...look, key: JSON.stringify([look.name, ...seenAs]), away: unavailableView }, stream);
  }
}
