/** The longest text that says who did something, or why, in characters. */
export const PAUSE_TEXT_MAX = 500;
