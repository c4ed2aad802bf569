import cluster from 'node:cluster';
import type { Texts, ToFirst, ToWorking } from './messages.js';
import { mergeMetrics } from './merge-metrics.js';

const waiting = new Map<number, (texts: Texts) => void>();
let next = 0;
let hasJoined = false;

/** Whether this process is one of several and drains when the first one asks it to. */
export const isOneOfSeveral = (): boolean => cluster.isWorker;

/** Call it when this process is up. From then on it obeys the first process and ignores signals, see `FirstProcess`. */
export function joinOthers(metrics: { text(): Promise<string> }, drain: () => void): void {
  process.on('message', (message: ToWorking) => {
    switch (message.type) {
      case 'drain':
        return drain();
      case 'scrape':
        metrics.text().then(
          (text) => tell({ type: 'scraped', id: message.id, text }),
          () => tell({ type: 'scraped', id: message.id, text: null }),
        );
        return;
      case 'scraped':
        waiting.get(message.id)?.(message.texts);
        waiting.delete(message.id);
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  hasJoined = true;
  tell({ type: 'up' });
}

/** Asks the first process to drain all processes, with this one. */
export function drainAll(): void {
  tell({ type: 'drain' });
}

/** The metrics of all processes of this app, each series with a label `process`. Rejects when none of them can be read, and until this one is up. */
export async function metricsOfAll(): Promise<string> {
  if (!hasJoined) throw new Error('this process is starting');
  const id = next++;
  const texts = await new Promise<Texts>((resolve) => {
    waiting.set(id, resolve);
    tell({ type: 'scrape', id });
  });
  if (texts.length === 0) throw new Error('expected the metrics of some process, got none');
  return mergeMetrics(texts);
}

function tell(message: ToFirst): void {
  // When the first process is gone, this one is about to end.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
