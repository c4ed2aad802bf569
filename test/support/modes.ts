/** The modes that processes are started in; *wait* is what a caller asks for in either of them. */
export const MODES = ['single-process', 'distributed'] as const;

export type Mode = (typeof MODES)[number];
