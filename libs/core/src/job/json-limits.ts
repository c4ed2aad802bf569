import type { Fault } from './errors.js';

/** How deep a payload may be nested: far above what real ones need, far below what recursion in libraries bears. */
export const MAX_JSON_DEPTH = 64;

/**
 * What PostgreSQL or a faithful round trip would refuse, found before any statement runs, so that one bad value cannot fail the
 * batch it travels in: NUL characters, lone surrogates, nesting beyond {@link MAX_JSON_DEPTH}. Returns the first fault, or
 * undefined. Linear, with a stack of its own, and without a pointer for what is right.
 */
export function findJsonFault(value: unknown, pointer = ''): Fault | undefined {
  const own = scalarFault(value);
  if (own) return { pointer, detail: own };
  const stack: Container[] = isContainer(value) ? [{ value, name: '', around: undefined, depth: 0 }] : [];
  for (let container = stack.pop(); container; container = stack.pop()) {
    const { value, depth } = container;
    if (depth >= MAX_JSON_DEPTH) return { pointer: pointerTo(container, pointer), detail: `is nested deeper than ${MAX_JSON_DEPTH} levels` };
    const look = (name: string | number, member: unknown): Fault | undefined => {
      const fault = scalarFault(member);
      if (fault) return { pointer: `${pointerTo(container, pointer)}/${escapePointer(String(name))}`, detail: fault };
      if (isContainer(member)) stack.push({ value: member, name, around: container, depth: depth + 1 });
      return undefined;
    };
    const fault = Array.isArray(value) ? elementFault(value, look) : memberFault(value as Record<string, unknown>, look, () => pointerTo(container, pointer));
    if (fault) return fault;
  }
  return undefined;
}

/** Whether {@link findJsonFault} need not look at what was parsed from a text without raw surrogates, nested so deep: most texts have no such escape. */
export function isSoundText(text: string, depth: number): boolean {
  return depth <= MAX_JSON_DEPTH && !text.includes('\\u');
}

interface Container {
  value: object;
  name: string | number;
  around: Container | undefined;
  depth: number;
}

type Look = (name: string | number, member: unknown) => Fault | undefined;

function elementFault(array: unknown[], look: Look): Fault | undefined {
  for (let index = 0; index < array.length; index++) {
    const element = array[index];
    if (typeof element !== 'string' && typeof element !== 'object') continue;
    const fault = look(index, element);
    if (fault) return fault;
  }
  return undefined;
}

function memberFault(object: Record<string, unknown>, look: Look, at: () => string): Fault | undefined {
  for (const name of Object.keys(object)) {
    const nameFault = unstorable(name);
    if (nameFault) return { pointer: at(), detail: `has a member name that ${nameFault}` };
    const fault = look(name, object[name]);
    if (fault) return fault;
  }
  return undefined;
}

function pointerTo({ name, around }: Container, prefix: string): string {
  return around ? `${pointerTo(around, prefix)}/${escapePointer(String(name))}` : prefix;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function scalarFault(value: unknown): string | undefined {
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
