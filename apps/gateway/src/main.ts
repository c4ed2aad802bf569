import { runProcesses } from '@app/runtime/processes';

await runProcesses('gateway', () => import('./serve.js'));
