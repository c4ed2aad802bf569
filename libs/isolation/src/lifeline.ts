import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { LIFELINE_FD } from './protocol.js';

/**
 * The thread of a child process that ends it when nobody else can: its main thread may compute for hours, and then hears
 * neither the end of the IPC channel nor a signal handler.
 *
 * - The worker holds the other end of the lifeline, and the kernel closes that when the worker dies, even by SIGKILL. Then
 *   the child's whole process group goes the same way, so that no orphan computes on for a job that others have taken over.
 * - A worker that is frozen says nothing any more. After a whole lease its jobs are others', and a transaction that is open
 *   here would keep their rows from them, for this process is awake and so is its connection: it ends too.
 * - What the process takes in all is looked at, for V8's limit counts neither buffers nor native memory. Beyond the limit
 *   the worker is told by the same pipe, for a process that is killed cannot say why.
 */
export interface LifelineData {
  memoryBytes: number;
  leaseMs: number;
}

const LOOK_MS = 100;

const { memoryBytes, leaseMs } = workerData as LifelineData;
const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: true });
let heardAt = performance.now();
lifeline
  .on('error', endAll)
  .on('close', endAll)
  .on('data', () => (heardAt = performance.now()));
setInterval(() => {
  if (performance.now() - heardAt > leaseMs) endAll();
  if (process.memoryUsage.rss() > memoryBytes) lifeline.write('out of memory', endAll);
}, LOOK_MS);

function endAll(): void {
  // It leads its group: what the handler has started ends with it.
  process.kill(-process.pid, 'SIGKILL');
}
