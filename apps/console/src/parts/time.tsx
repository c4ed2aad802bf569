import { type JSX, useSyncExternalStore } from 'react';
import { ago, clock, exact, NONE } from '../words/words';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all relative times of a page; it stands still while nobody looks. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time now, anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A moment in the reader's zone, the exact one on hover. `relative`: `3 s ago` below an hour. */
export function Time({ at, relative = false }: { at: string | null | undefined; relative?: boolean }): JSX.Element {
  if (at === null || at === undefined) return <>{NONE}</>;
  const time = new Date(at);
  return (
    <time dateTime={at} title={exact(time)}>
      {relative ? <Ago time={time} /> : clock(time)}
    </time>
  );
}

function Ago({ time }: { time: Date }): string {
  return ago(time, new Date(Math.max(useNow(), time.getTime())));
}
