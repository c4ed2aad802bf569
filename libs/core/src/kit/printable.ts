/** Matches a text without control characters, unassigned characters and halves of pairs: what can be shown and stored. */
export const PRINTABLE = /^[\P{C}]*$/u;
