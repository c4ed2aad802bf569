import type { Invocation } from './arguments.js';

/** Why an act is done. The header is taken by each of them, also where the body has no place for it. */
export function reasonHeader({ command, values }: Pick<Invocation, 'command' | 'values'>): Record<string, string> {
  // Of dead letters `--reason` chooses those that were given up for it.
  const reason = values[command === 'redrive' || command === 'dead-letters' ? 'note' : 'reason'];
  return typeof reason === 'string' && reason.trim() !== '' ? { 'act-reason': encodeURIComponent(reason.trim()) } : {};
}
