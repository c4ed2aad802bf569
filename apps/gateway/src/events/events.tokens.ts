/** What the events' providers are given that is no class. */
export const EVENTS_CONFIG = Symbol('events config');
export const EVENTS_LOGGER = Symbol('events logger');
