import type { IncomingMessage } from 'node:http';
import { isTerminal, type Logger, type Taken } from '@app/core';
import { allowsKind, CONFIG, LOGGER, Store, tenantOf } from '@app/host';
import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayDisconnect, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { callerOf, principalOf } from '../rights/caller.js';
import { clientOfRequest } from '../http/client-of.js';
import { readFrame, readSubscribe } from './event-frames.js';
import { EventHub } from './event-hub.js';
import { FramesInTurn } from './frames-in-turn.js';
import type { EventsConfig } from './events.config.js';
import { OpenStreams } from './open-streams.js';
import { SocketStream, type Subscription } from './socket-stream.js';

const TRY_AGAIN_LATER = 1013;

/** The events of many jobs over one WebSocket: `{event: "subscribe", data: {job, lastEventId?}}`; see docs/learn/events.md. */
@WebSocketGateway({ path: '/ws', maxPayload: 16 * 1024 })
export class EventsGateway implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  private readonly open = new Map<WebSocket, SocketStream>();
  /** In the quotas of their tenants. */
  private readonly places = new Map<WebSocket, Taken>();

  private readonly config: EventsConfig;

  constructor(
    @Inject(CONFIG) { events }: { events: EventsConfig },
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly store: Store,
    private readonly streams: OpenStreams,
    private readonly hub: EventHub,
  ) {
    this.config = events;
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    // The frame is too large or malformed. `ws` itself closes the socket with the reason.
    socket.on('error', (error) => this.logger.debug({ err: error }, 'a WebSocket failed'));
    const client = clientOfRequest(request);
    try {
      this.streams.admit(client);
    } catch (error) {
      socket.close(TRY_AGAIN_LATER, (error as Error).message.slice(0, 100));
      return;
    }
    const stream = new SocketStream(socket, this.hub, principalOf(request));
    this.open.set(socket, stream);
    this.streams.add(stream, client, callerOf(request));
    this.bound(socket, tenantOf(principalOf(request)));
    new FramesInTurn(socket, this.config.framesPerSecond, (data) => this.receive(socket, data));
  }

  /** Closes a socket of which its tenant's quota has no place. Its first frames need not wait for the answer: it sees its own jobs alone. */
  private bound(socket: WebSocket, tenant: string): void {
    this.store.reservations.take(tenant, 'streams', 1)?.then(
      (taken) => (this.open.has(socket) ? this.places.set(socket, taken) : taken.end()),
      (error: unknown) => socket.close(TRY_AGAIN_LATER, (error as Error).message.slice(0, 100)),
    );
  }

  handleDisconnect(socket: WebSocket): void {
    const stream = this.open.get(socket);
    if (!stream) return;
    this.open.delete(socket);
    this.places.get(socket)?.end();
    this.places.delete(socket);
    this.streams.remove(stream);
    stream.closed();
  }

  async subscribe(socket: WebSocket, data: unknown): Promise<void> {
    const stream = this.open.get(socket);
    const asked = readSubscribe(data);
    if (!stream) return;
    if (typeof asked === 'string') {
      stream.refuse('malformed_request', asked);
      return;
    }
    const subscription = stream.reserve(asked.job, this.config.maxSubscriptions);
    if (!subscription) {
      stream.refuse('overloaded', `expected at most ${this.config.maxSubscriptions} subscriptions of one connection, each job once`, asked.job);
      return;
    }
    try {
      await this.begin(stream, subscription, asked.lastEventId);
    } catch (error) {
      stream.release(subscription);
      this.logger.warn({ err: error }, 'a job could not be subscribed to');
      stream.refuse('unavailable', 'the database does not answer now; try again', asked.job);
    }
  }

  unsubscribe(socket: WebSocket, data: unknown): void {
    const asked = readSubscribe(data);
    const stream = this.open.get(socket);
    if (typeof asked === 'string') return stream?.refuse('malformed_request', asked);
    stream?.unsubscribe(asked.job);
    stream?.tell('unsubscribed', { job: asked.job });
  }

  private async receive(socket: WebSocket, received: unknown): Promise<void> {
    const { event, data } = readFrame(received);
    if (event === 'subscribe') await this.subscribe(socket, data);
    else if (event === 'unsubscribe') this.unsubscribe(socket, data);
    else this.open.get(socket)?.refuse('malformed_request', String(data));
  }

  private async begin(stream: SocketStream, subscription: Subscription, last: number): Promise<void> {
    const { job } = subscription;
    const found = await this.store.jobs.view(job, stream.principal.tenant);
    // Another's job is answered as one that is not there.
    if (!found || !allowsKind(stream.principal, found.kind)) {
      stream.release(subscription);
      stream.refuse('not_found', `there is no job "${job}"`, job);
      return;
    }
    stream.tell('subscribed', { job });
    if (isTerminal(found.state) && last === found.events) stream.ended(subscription);
    else stream.watch(subscription, last > found.events ? 'from a snapshot' : last);
  }
}
