// Ctrl-C and SIGTERM: the first asks for a clean stop, a second one no longer waits.

import { say, Stopped } from './log.mjs';

// npm passes on a Ctrl-C that the terminal has already sent to us, so two within this time are one.
const SAME_SIGNAL_MS = 500;

/** @returns {{ signal: AbortSignal, second: AbortSignal }} */
export function onStopSignal() {
  const first = new AbortController();
  const second = new AbortController();
  let firstAt = 0;
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => {
      if (!first.signal.aborted) {
        firstAt = performance.now();
        say(`${name}: stopping`);
        first.abort(new Stopped('stopped'));
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        second.abort(new Stopped('stopped'));
      }
    });
  }
  if (process.env.npm_lifecycle_event) {
    // A killed npm leaves its script running, and nobody who would stop it.
    const npm = process.ppid;
    setInterval(() => {
      if (process.ppid !== npm && !first.signal.aborted) {
        say('npm is gone: stopping');
        first.abort(new Stopped('stopped'));
      }
    }, 500).unref();
  }
  return { signal: first.signal, second: second.signal };
}
