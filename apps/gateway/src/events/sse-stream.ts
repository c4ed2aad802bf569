import { writeJson } from '@app/core';
import type { FastifyReply } from 'fastify';
import { whenOver } from '../http/when-over.js';
import type { OpenStream } from './open-streams.js';
import type { OutEvent } from './out-event.js';

/** How long browsers wait before they connect again. */
const RETRY_MS = 1_000;

/** Of any event: its number in the stream, its name, and its data as JSON. */
export type SentEvent = Pick<OutEvent, 'seq' | 'json'> & { name: string };

/** One `text/event-stream` response. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class SseStream implements OpenStream {
  private fullSince: number | undefined;
  private idOfBeat: (() => string) | undefined;

  private constructor(
    private readonly reply: FastifyReply,
    onDrain: () => void,
    onClose: () => void,
    private readonly hidesPayload: boolean,
  ) {
    reply.raw.on('drain', () => {
      this.fullSince = undefined;
      onDrain();
    });
    whenOver(reply.raw, onClose);
    // The reader is gone, which is no fault of the gateway. `close` follows.
    reply.raw.on('error', () => undefined);
  }

  /** Takes the response over from Fastify and begins it. */
  static open(reply: FastifyReply, onDrain: () => void, onClose: () => void, hidesPayload = false): SseStream {
    const headers = reply.getHeaders();
    reply.hijack();
    const stream = new SseStream(reply, onDrain, onClose, hidesPayload);
    reply.raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Without this header nginx and similar proxies hold events back until a buffer is full.
      'x-accel-buffering': 'no',
    });
    stream.write(`retry: ${RETRY_MS}\n\n`);
    return stream;
  }

  get ready(): boolean {
    return this.fullSince === undefined && !this.reply.raw.destroyed && !this.reply.raw.writableEnded;
  }

  get bufferedBytes(): number {
    return this.reply.raw.writableLength;
  }

  stalledFor(): number {
    return this.fullSince === undefined ? 0 : performance.now() - this.fullSince;
  }

  /** `idOf`: null for what is no place in the stream, at which a reader could go on. */
  send<Event extends SentEvent>(events: Event[], idOf: (event: Event) => string | null = ({ seq }) => String(seq)): void {
    const idLine = (id: string | null) => (id === null ? '' : `id: ${id}\n`);
    this.write(events.map((event) => `${idLine(idOf(event))}event: ${event.name}\ndata: ${event.json(this.hidesPayload)}\n\n`).join(''));
  }

  /** Sends an id without an event, which says where to go on after a reconnect. It is repeated with each heartbeat. */
  place(id: () => string): void {
    this.idOfBeat = id;
    this.write(`id: ${id()}\n\n`);
  }

  sendReset(id: string, data: object): void {
    this.write(`id: ${id}\nevent: reset\ndata: ${writeJson(data)}\n\n`);
  }

  beat(): void {
    this.write(this.idOfBeat ? `: still here\nid: ${this.idOfBeat()}\n\n` : ': still here\n\n');
  }

  drop(): void {
    this.reply.raw.destroy();
  }

  /** Ends the stream and closes the connection, because an open one would keep the process from ending. */
  end(): void {
    this.reply.raw.end(() => this.reply.raw.socket?.destroySoon());
  }

  private write(text: string): void {
    if (this.reply.raw.destroyed || this.reply.raw.writableEnded) return;
    if (!this.reply.raw.write(text)) this.fullSince ??= performance.now();
  }
}
