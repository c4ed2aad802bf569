import { useSyncExternalStore } from 'react';

/** As the style sheets have it. */
const NARROW = window.matchMedia('(max-width: 760px)');

/** Whether there is one column: for what a style sheet cannot lay out anew. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      NARROW.addEventListener('change', listener);
      return () => NARROW.removeEventListener('change', listener);
    },
    () => NARROW.matches,
  );
}
