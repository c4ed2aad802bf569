// A child process of a worker (single-process mode: of the gateway) that runs the handlers of one isolated kind; never started by hand.
// Its worker decides when it ends: SIGTERM and SIGINT, which a supervisor may send to the whole group, are the worker's to
// obey. So nothing is loaded before they are turned off.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);

const { start } = await import('./isolated.start.js');
const [kind = '', memoryMb = '', configPath = ''] = process.argv.slice(2);
await start(kind, Number(memoryMb), configPath);
