import { defineConfig } from 'longhaul/config';
import { RenderReport } from './jobs/report-render.job.js';

// `imports` takes Nest modules; a job's constructor gets what they export. `providers` takes single classes.
export default defineConfig({ jobs: [RenderReport] });
