export const QUEUE = 'default';
/** Jobs that wait are moved to it and back, in some schedules. */
export const OTHER_QUEUE = 'other';
