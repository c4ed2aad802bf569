// A child process of a worker (single-process mode: of the gateway) that runs the handlers of one isolated kind; never started by hand.
// Its worker decides when it ends. A supervisor may send SIGTERM and SIGINT to the whole group, and only the worker must obey them,
// so they are ignored before anything is loaded.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);

const { start } = await import('./isolated.start.js');
const [kind = '', memoryMb = '', configPath = ''] = process.argv.slice(2);
await start(kind, Number(memoryMb), configPath);
