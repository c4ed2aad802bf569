import { MAX_JSON_DEPTH } from './json-limits.js';

/** Where the name and the value of a member stand in a text. The name's quotes are included, white space around the value too. */
interface Place {
  name: number;
  nameEnd: number;
  value: number;
  valueEnd: number;
}

/** The shape of a JSON text, found without reading its values. */
export interface JsonShape {
  /** Name/value pairs of all objects together. Fewer in what the parser makes of it mean that a name stands there twice. */
  pairs: number;
  /** The first place that is beyond a bound, as a JSON pointer with what is wrong; the rest was not looked at. */
  excess?: { pointer: string; detail: string };
  /** How deep it is nested. */
  depth: number;
  /** Members of the outermost object. */
  members: Place[];
  /** Elements of the array that is the member `entriesOf`: from and to. */
  entries: [number, number][];
}

export interface ShapeBounds {
  /** Members of objects, and objects and arrays within arrays, together. An array of numbers or strings counts once. */
  maxMembers: number;
  /** The member of the outermost object whose elements each count for themselves. */
  entriesOf?: string;
  /** Of all elements of `entriesOf` together: to parse them is one task, however many they are. Without a bound by default. */
  maxOfAll?: number;
}

/** Deeper than any payload may be, for a payload lies within a body; the payload's own depth is looked at later, with its pointer. */
const MAX_DEPTH = MAX_JSON_DEPTH + 16;

const [QUOTE, COMMA, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, BACKSLASH] = [34, 44, 58, 91, 93, 123, 125, 92] as const;

/** For each level that is open, whether it is an array. One for all scans, for none is interrupted: memory outside of the heap is dear to make for each. */
const isArray = new Uint8Array(MAX_DEPTH + 2);

/**
 * One pass over a text that nobody has looked at, before a parser sees it: linear, without recursion, and over as soon as a bound is
 * passed. It takes the text for JSON; what it makes of another text does not matter, for the parser refuses that.
 */
export function scanJson(text: string, { maxMembers, entriesOf, maxOfAll = Infinity }: ShapeBounds): JsonShape {
  const shape: JsonShape = { pairs: 0, depth: 0, members: [], entries: [] };
  const { members, entries } = shape;
  let depth = 0;
  let counted = 0;
  let ofAll = 0;
  let open: Place | undefined;
  let [name, nameEnd] = [0, 0];
  // Where the element of `entriesOf` begins, and -1 outside of it.
  let entry = -1;
  const excess = (detail: string): JsonShape => ({ ...shape, excess: { pointer: entry < 0 ? '' : `/${entriesOf}/${entries.length}`, detail } });
  const tooMany = () =>
    ofAll > maxOfAll
      ? { ...shape, excess: { pointer: `/${entriesOf}`, detail: `has more than ${maxOfAll} members in all; send fewer at once` } }
      : excess(`has more than ${maxMembers} members, which is more than are read; send large data as a file`);

  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (depth === 1) [name, nameEnd] = [at, end + 1];
        at = end;
        break;
      }
      case COLON:
        shape.pairs++;
        if (++counted > maxMembers || ++ofAll > maxOfAll) return tooMany();
        if (depth === 1) members.push((open = { name, nameEnd, value: at + 1, valueEnd: text.length }));
        break;
      case COMMA:
        if (depth === 1) {
          close(open, at);
          open = undefined;
        } else if (depth === 2 && entry >= 0) {
          entries.push([entry, at]);
          entry = at + 1;
          counted = 0;
        }
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (isArray[depth] === 1 && (++counted > maxMembers || ++ofAll > maxOfAll)) return tooMany();
        if (++depth > shape.depth) shape.depth = depth;
        if (depth > MAX_DEPTH) return excess(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
        isArray[depth] = text.charCodeAt(at) === OPEN_ARRAY ? 1 : 0;
        if (depth === 2 && entriesOf !== undefined && open && isArray[2] === 1 && text.slice(name + 1, nameEnd - 1) === entriesOf)
          [entry, counted] = [at + 1, 0];
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        if (depth === 1) {
          close(open, at);
          open = undefined;
        } else if (depth === 2 && entry >= 0) {
          if (text.slice(entry, at).trim() !== '') entries.push([entry, at]);
          entry = -1;
        }
        if (depth > 0) depth--;
        break;
    }
  }
  return shape;
}

/** Where a member of the outermost object is; undefined where there is no such member. */
export function memberPlace(text: string, members: readonly Place[], name: string): Place | undefined {
  const quoted = JSON.stringify(name);
  return members.find((place) => isNamed(text.slice(place.name, place.nameEnd), quoted, name));
}

/** The text of a member's value of the outermost object, without the white space around it; undefined where there is no such member. */
export function memberText(text: string, members: readonly Place[], name: string): string | undefined {
  const member = memberPlace(text, members, name);
  return member && text.slice(member.value, member.valueEnd).trim();
}

/** A name may be written in several ways, all but one of them with a backslash. */
function isNamed(written: string, quoted: string, name: string): boolean {
  return written === quoted || (written.includes('\\') && JSON.parse(written) === name);
}

/** The number of name/value pairs that a parser has kept. With a stack of its own. */
export function countPairs(value: unknown): number {
  let pairs = 0;
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    const current = stack.pop();
    if (typeof current !== 'object' || current === null) continue;
    if (Array.isArray(current)) {
      for (const element of current) if (typeof element === 'object' && element !== null) stack.push(element);
    } else {
      for (const name in current) {
        pairs++;
        const member = (current as Record<string, unknown>)[name];
        if (typeof member === 'object' && member !== null) stack.push(member);
      }
    }
  }
  return pairs;
}

function close(open: Place | undefined, at: number): void {
  if (open) open.valueEnd = at;
}

/** The index of the closing quote; of the text's end where there is none. A quote after an odd number of backslashes is part of the string. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
