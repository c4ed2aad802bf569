/**
 * Errors behind which the platform stands, not the handler: the connection of its transaction was lost, the store had no room, or its
 * transaction met another one. The attempt that ends with one is not charged. The error itself stays as it was thrown, for a handler
 * may look for its code.
 */
const faults = new WeakSet<object>();

/** How far down an error's causes the platform is looked for. */
const DEPTH = 8;

export function markPlatformFault(error: unknown): void {
  if (typeof error === 'object' && error !== null) faults.add(error);
}

/** Also where a handler has thrown an error of its own because of one. Never throws, whatever was thrown. */
export function isPlatformFault(error: unknown): boolean {
  let at: unknown = error;
  for (let depth = 0; depth < DEPTH && typeof at === 'object' && at !== null; depth++) {
    if (faults.has(at)) return true;
    try {
      at = (at as { cause?: unknown }).cause;
    } catch {
      return false;
    }
  }
  return false;
}
