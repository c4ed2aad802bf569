/** Injection tokens of things that have no class. */

/** The whole configuration of the process. In every app it is a `RuntimeConfig`. */
export const CONFIG = Symbol('config');
export const LOGGER = Symbol('logger');
/** A process that shows its metrics provides `PrometheusMetrics` too. */
export const METRICS = Symbol('metrics');
/** The project's configuration. Child processes of isolated kinds load the same file. */
export const PROJECT = Symbol('project');
