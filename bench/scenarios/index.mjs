import { accept } from './accept.mjs';
import { blast } from './blast.mjs';
import { drain } from './drain.mjs';
import { flow, flowHttp } from './flow.mjs';
import { flowControl } from './flow-control.mjs';
import { latency } from './latency.mjs';
import { limit } from './limit.mjs';
import { operate } from './operate.mjs';
import { payload } from './payload.mjs';
import { rights } from './rights.mjs';
import { scale } from './scale.mjs';
import { sse } from './sse.mjs';

/** @type {Record<string, import('../lib/run-scenario.mjs').Scenario>} */
export const scenarios = {
  accept,
  flow,
  'flow-http': flowHttp,
  drain,
  latency,
  limit,
  payload,
  rights,
  scale,
  blast,
  sse,
  'flow-control': flowControl,
  operate,
};
