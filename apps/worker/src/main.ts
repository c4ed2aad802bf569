import { runProcesses } from '@app/host/processes';

await runProcesses('worker', () => import('./serve.js'));
