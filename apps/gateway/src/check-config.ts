import 'reflect-metadata';
import { checkConfig } from '@app/host/processes';

/**
 * `longhaul start` and `dev` run this before they start anything: gateway and worker both read the configuration, and each would say what is wrong
 * with it.
 */
await checkConfig();
