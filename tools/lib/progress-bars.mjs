// A bar for each job: drawn in place in a terminal, a line for each job that ends elsewhere.

const WIDTH = 32;

/** @returns {Promise<{ follow: (label: string) => (job: import('./gateway-client.mjs').JobView) => void, stop: () => void }>} */
export async function progressBars(stream = process.stdout) {
  if (!stream.isTTY) return lines(stream);
  const { default: cliProgress } = await import('cli-progress');
  const bars = new cliProgress.MultiBar(
    { format: `{label} {bar} {percentage}%  {state}`, barsize: WIDTH, hideCursor: true, clearOnComplete: false, stream },
    cliProgress.Presets.shades_classic,
  );
  return {
    follow: (label) => {
      const bar = bars.create(1, 0, { label: label.padEnd(34), state: 'submitted' });
      return (job) => {
        const { done, total } = progressOf(job);
        bar.setTotal(total);
        bar.update(done, { state: stateOf(job) });
      };
    },
    stop: () => bars.stop(),
  };
}

/** @param {NodeJS.WriteStream} stream */
function lines(stream) {
  return {
    follow: (/** @type {string} */ label) => {
      let shown = '';
      return (/** @type {import('./gateway-client.mjs').JobView} */ job) => {
        const { done, total } = progressOf(job);
        const line = `${label.padEnd(34)} ${String(Math.floor((100 * done) / total)).padStart(3)}%  ${stateOf(job)}`;
        if (line !== shown) stream.write(`${line}\n`);
        shown = line;
      };
    },
    stop: () => undefined,
  };
}

/** A job that has not said how much there is to do is at nothing, or done. @param {import('./gateway-client.mjs').JobView} job */
function progressOf({ progress, state }) {
  if (state === 'succeeded') return { done: progress?.total || 1, total: progress?.total || 1 };
  return { done: progress?.done ?? 0, total: Math.max(1, progress?.total ?? 1) };
}

/** @param {import('./gateway-client.mjs').JobView} job */
function stateOf({ state, attempt, error }) {
  const again = state === 'scheduled' && attempt > 0 ? 'waits for its next attempt' : state;
  return error ? `${again}: ${error.message}` : again;
}
