import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { LIFELINE_FD } from './protocol.js';

/**
 * The thread of a child process that kills the process when its main thread cannot react: that thread may compute for hours, and then
 * notices neither the end of the IPC channel nor a signal.
 *
 * - The worker holds the other end of the lifeline, and the kernel closes that when the worker dies, even by SIGKILL. Then
 *   this thread kills the child's whole process group, so that no orphan goes on with a job that another worker has taken over.
 * - A worker that is frozen sends nothing any more. After a whole lease other workers may take its jobs, and an open transaction of
 *   this process would lock the rows. So the process ends then too.
 * - The thread measures the memory of the whole process, because V8's limit counts neither buffers nor native memory. Above the limit
 *   it reports this to the worker through the same pipe, because a killed process cannot say why it ended.
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
  // The child leads its group, so processes that the handler has started are killed too.
  process.kill(-process.pid, 'SIGKILL');
}
