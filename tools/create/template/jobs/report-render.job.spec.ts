import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testJob } from 'longhaul/testing';
import { RenderReport } from './report-render.job.js';

test('a report has its title and a line for each row', async () => {
  const { result, progress } = await testJob(RenderReport).run({ title: 'squares', rows: 2 });

  assert.deepEqual(result, { csv: 'squares\n1,1\n2,4' });
  assert.deepEqual(progress.at(-1), { done: 2, total: 2 });
});

test('a payload without rows is refused', async () => {
  await assert.rejects(testJob(RenderReport).run({ title: 'squares' }), /rows/);
});
