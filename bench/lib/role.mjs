// The child's side of child.mjs.

/** What the parent has told this process to be. @returns {any} */
export const config = () => JSON.parse(process.env.BENCH_CONFIG ?? '{}');

/**
 * Answers the parent's calls until it is told to stop, or the parent is gone.
 * @param {Record<string, (argument: any) => unknown>} methods @param {() => unknown} [close]
 */
export function serve(methods, close = () => undefined) {
  process.on('message', async (/** @type {any} */ { id, method, argument }) => {
    if (!methods[method]) return; // Of mark-start.mjs.
    try {
      process.send?.({ id, result: await methods[method]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.send?.({ id: 'ready' });
  let closing = false;
  const end = async () => {
    if (closing) return;
    closing = true;
    await close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
}

/** Milliseconds of the machine's monotonic clock, the same in all of its processes. */
export const clock = () => Number(process.hrtime.bigint()) / 1e6;

/** Calls `work` so many times, with so many in flight. @param {number} count @param {number} inFlight @param {(index: number) => Promise<unknown>} work */
export async function inFlight(count, inFlight, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(inFlight, count) }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
