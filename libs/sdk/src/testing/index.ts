export { type JobTest, testJob, type TestOptions, type TestRun } from './test-job.js';
