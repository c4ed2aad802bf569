import type { KindView } from '@app/contracts';
import { isOwnKind, type Pause } from '@app/core';
import type { HandlerRegistry } from '@app/sdk';
import { pauseView } from '../http/pause-note.js';

/** Of a kind or a queue that is not paused. */
export const NOT_PAUSED: Pause = { paused: false, pausedAt: null, pausedBy: null, pauseReason: null };

/** The kinds that can be submitted: not Longhaul's own. `pauses` has those that are paused. */
export function kindViews(registry: HandlerRegistry, pauses: ReadonlyMap<string, Pause> = new Map()): KindView[] {
  const kinds = registry.names().filter((kind) => !isOwnKind(kind));
  return kinds.map((kind) => {
    const schema = registry.payloadSchema(kind);
    const policy = registry.policy(kind);
    if (!schema || !policy) throw new Error(`expected ${kind} to be registered`);
    // The environment variables of its processes are left out, because they are internal.
    const isolated = policy.isolated && { memoryMb: policy.isolated.memoryMb };
    return { ...policy, isolated, ...pauseView(pauses.get(kind) ?? NOT_PAUSED), schema };
  });
}
