export interface SseEvent {
  id: string;
  event: string;
  data: Record<string, unknown> & { job: string; seq: number };
}

/** A reader of `text/event-stream`, as the standard has it; `events` and `comments` grow as they come. */
export class SseReader {
  readonly events: SseEvent[] = [];
  comments = 0;
  lastEventId: string;
  /** Resolves when the stream has ended, however. */
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();

  private constructor(
    readonly response: Response,
    lastEventId: string,
    abort: AbortController,
    private readonly onEvent: (event: SseEvent, reader: SseReader) => void,
  ) {
    this.abort = abort;
    this.lastEventId = lastEventId;
    this.ended = this.read().catch(() => undefined);
  }

  static async open(url: string, lastEventId = '', onEvent: (event: SseEvent, reader: SseReader) => void = () => undefined): Promise<SseReader> {
    const abort = new AbortController();
    const headers = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
    return new SseReader(await fetch(url, { headers, signal: abort.signal }), lastEventId, abort, onEvent);
  }

  get status(): number {
    return this.response.status;
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of this.response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
        // What was read before it was closed does not count: a reader that is cut off has not seen it.
        if (this.abort.signal.aborted) return;
      }
    }
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments++;
      else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart());
    }
    const id = fields.get('id');
    if (id !== undefined) this.lastEventId = id;
    const data = fields.get('data');
    if (data === undefined) return;
    const event = { id: this.lastEventId, event: fields.get('event') ?? 'message', data: JSON.parse(data) as SseEvent['data'] };
    this.events.push(event);
    this.onEvent(event, this);
  }
}
