/** Kinds for trying things out, and for faults: registered only where LONGHAUL_DEBUG_KINDS=1. Not part of the npm package. */
export { debugKinds } from './debug.jobs.js';
export { makeDebugTables } from './tables.js';
export { DebugOdd, type OddPayload } from './debug-odd.jobs.js';
export { ODD_NAMES, type OddValue } from './odd-values.js';
