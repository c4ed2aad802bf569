import type { Fault } from './errors.js';

/** How deep a payload may be nested: far above what real ones need, far below what recursion in libraries bears. */
export const MAX_JSON_DEPTH = 64;

/**
 * What PostgreSQL's `jsonb` or a faithful round trip would refuse, found before any statement runs, so that one bad
 * value cannot fail the batch it travels in: NUL characters, lone surrogates, numbers that overflowed to infinity,
 * nesting beyond {@link MAX_JSON_DEPTH}. Returns the first fault, or undefined. Walks with a stack of its own.
 */
export function findJsonFault(value: unknown, pointer = ''): Fault | undefined {
  const stack: { value: unknown; pointer: string; depth: number }[] = [{ value, pointer, depth: 0 }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const current = entry;
    const fault = scalarFault(current.value);
    if (fault) return { pointer: current.pointer, detail: fault };
    if (current.value === null || typeof current.value !== 'object') continue;
    if (current.depth >= MAX_JSON_DEPTH) {
      return { pointer: current.pointer, detail: `is nested deeper than ${MAX_JSON_DEPTH} levels` };
    }
    for (const [name, member] of Object.entries(current.value)) {
      const nameFault = scalarFault(name);
      if (nameFault) return { pointer: current.pointer, detail: `has a member name that ${nameFault}` };
      if (isPlain(member)) continue;
      stack.push({ value: member, pointer: `${current.pointer}/${escapePointer(name)}`, depth: current.depth + 1 });
    }
  }
  return undefined;
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function scalarFault(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number too large for JSON as JavaScript reads it';
  return typeof value === 'string' ? unstorable(value) : undefined;
}

/** What keeps a text out of PostgreSQL, or undefined. */
export function unstorable(value: string): string | undefined {
  if (value.includes('\u0000')) return 'holds the character U+0000, which PostgreSQL cannot store';
  if (!value.isWellFormed()) return 'holds half of a surrogate pair, which is not valid Unicode';
  return undefined;
}

/** RFC 6901: `~` and `/` in a member's name are written `~0` and `~1`. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
