import { runProcesses } from '@app/host/processes';

await runProcesses('gateway', () => import('./serve.js'));
