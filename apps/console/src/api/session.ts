import { useSyncExternalStore } from 'react';

/** Whether the gateway has asked who this is. It is said once, by whichever request it refuses first. */
let isAsked = false;
const listeners = new Set<() => void>();

export function askWhoItIs(asked = true): void {
  if (asked === isAsked) return;
  isAsked = asked;
  for (const listener of listeners) listener();
}

export function useIsAsked(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isAsked,
  );
}
