import { runProcesses } from '@app/runtime/processes';

await runProcesses('worker', () => import('./serve.js'));
