export * from './dead-letters.js';
export * from './letters-act.js';
