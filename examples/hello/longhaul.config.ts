import { defineConfig } from 'longhaul/config';
import { SayHello } from './hello.job.js';

export default defineConfig({ jobs: [SayHello] });
