import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { api, PATH, readExact } from '../api/api';
import { type Scope, useMay } from '../api/rights';

/** `off`: this screen needs no stream, or its tab is hidden. */
export type LiveState = 'live' | 'trying' | 'off';

let state: LiveState = 'off';
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const each of listeners) each();
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** For a screen that has no stream and asks again each few seconds. `isFresh`: the last answer came; null where it has a stream. */
export function usePolled(isFresh: boolean | null): void {
  useEffect(() => {
    if (isFresh !== null) become(isFresh ? 'live' : 'trying');
  }, [isFresh]);
  useEffect(() => () => become('off'), []);
}

export interface StreamEvent {
  name: string;
  data: unknown;
}

interface Options {
  /** Names of the events that are listened for. */
  names: readonly string[];
  onEvents: (events: StreamEvent[]) => void;
  /** It has come to its end: do not connect again. */
  isOver?: () => boolean;
}

/** Events are handed over together, so that a thousand in a second draw a page ten times. */
const GATHER_MS = 80;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The stream of this tab. A tab has one: each screen names its own, and only one screen is shown. It is closed while the tab is hidden, and goes on
 * where it was; when the gateway is gone it connects again, at first after a second.
 */
export function useStream(wanted: string | null, options: Options): void {
  const may = useMay();
  // Refused, it would ask again for ever.
  const path = wanted !== null && may(rightOf(wanted)) ? wanted : null;
  const give = useEffectEvent((events: StreamEvent[]) => options.onEvents(events));
  const isOver = useEffectEvent(() => options.isOver?.() ?? false);
  const names = options.names.join(' ');
  useEffect(() => {
    if (path === null) return;
    const stream = new TabStream(`${PATH}${path}`, names.split(' '), give, isOver);
    return () => stream.close();
  }, [path, names]);
}

function rightOf(path: string): Scope {
  if (path.startsWith('/stats/')) return 'queues:read';
  if (path.startsWith('/streams/schedules')) return 'schedules:read';
  if (path.startsWith('/streams/dead-letters')) return 'dead-letters:read';
  if (path.startsWith('/streams/audit')) return 'audit:read';
  if (path.startsWith('/streams/keys')) return 'admin';
  return path.startsWith('/webhooks/') ? 'webhooks:read' : 'events:read';
}

class TabStream {
  private source: EventSource | undefined;
  private lastId = '';
  private waiting: StreamEvent[] = [];
  private gather: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private pauseMs = 1_000;

  constructor(
    private readonly url: string,
    private readonly names: readonly string[],
    private readonly give: (events: StreamEvent[]) => void,
    private readonly isOver: () => boolean,
  ) {
    document.addEventListener('visibilitychange', this.look);
    this.look();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.look);
    this.stop();
    clearTimeout(this.gather);
  }

  private readonly look = (): void => {
    if (document.hidden) this.stop();
    else if (!this.source) this.open();
  };

  private open(): void {
    if (this.isOver()) return become('off');
    become('trying');
    const from = this.lastId === '' ? '' : `${this.url.includes('?') ? '&' : '?'}lastEventId=${encodeURIComponent(this.lastId)}`;
    const source = new EventSource(this.url + from);
    this.source = source;
    source.onopen = () => {
      this.pauseMs = 1_000;
      become('live');
    };
    source.onerror = () => {
      // The browser connects again by itself after a lost connection, but gives up at an answer that is no stream, such as a 503 of a proxy.
      become(this.isOver() ? 'off' : 'trying');
      // A stream does not say why it was refused. A session that has ended ends its streams, and the answer to this shows it.
      if (!this.isOver()) void api('GET /session').catch(() => undefined);
      if (source.readyState !== EventSource.CLOSED) return;
      this.stop(this.isOver() ? 'off' : 'trying');
      if (this.isOver()) return;
      this.again = setTimeout(() => this.open(), this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    };
    for (const name of this.names) source.addEventListener(name, (event: MessageEvent<string>) => this.take(name, event));
  }

  private take(name: string, event: MessageEvent<string>): void {
    this.lastId = event.lastEventId;
    this.waiting.push({ name, data: readExact(event.data) });
    this.gather ??= setTimeout(() => {
      this.gather = undefined;
      const events = this.waiting;
      this.waiting = [];
      this.give(events);
    }, GATHER_MS);
  }

  private stop(next: LiveState = 'off'): void {
    clearTimeout(this.again);
    this.source?.close();
    this.source = undefined;
    become(next);
  }
}
