import { useSyncExternalStore } from 'react';

/** `asked`: the gateway wants to know who this is. `ended`: it has known, and knows no more. */
export type Asking = 'no' | 'asked' | 'ended';

/** It is said once, by whichever request the gateway refuses first. */
let asking: Asking = 'no';
const listeners = new Set<() => void>();

export function askWhoItIs(next: Asking = 'asked'): void {
  // What is refused after the first says nothing new: a session that has ended is not only asked for.
  if (next === asking || (next !== 'no' && asking !== 'no')) return;
  asking = next;
  for (const listener of listeners) listener();
}

export function useAsking(): Asking {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asking,
  );
}
