import type { Type } from '@nestjs/common';
import { definitionOf, type Handles } from './job-handler.decorator.js';

type Handler = Type<Handles<never, unknown>>;

/**
 * The handlers of a catalogue that names their kinds. Typed callers need these names, because the compiler cannot read a decorator.
 * Throws at start-up where a name differs from the decorator's kind.
 */
export function handlersOf<Kinds extends Readonly<Record<string, Handler>>>(kinds: Kinds): Kinds[keyof Kinds][] {
  for (const [name, handler] of Object.entries(kinds)) {
    const kind = definitionOf(handler)?.policy.kind;
    if (kind !== undefined && kind !== name)
      throw new Error(`expected ${handler.name} in the catalogue under '${kind}', its @JobHandler's kind, got: '${name}'`);
  }
  return Object.values(kinds) as Kinds[keyof Kinds][];
}
