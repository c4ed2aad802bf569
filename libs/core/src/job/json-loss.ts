import { types } from 'node:util';

/** By prototype: what would be lost of each of its instances, or null when nothing is. */
const verdicts = new WeakMap<object, string | null>();

/**
 * What JSON would drop of this object without a word, or undefined. JSON keeps own enumerable members: of a plain object
 * that is all there is, of a `Map` nothing. An instance passes when its class has no accessor, for those look like members to
 * whoever uses them, and when it has a member at all: what has none keeps its content where JSON does not see it.
 */
export function lossOf(object: object, members: number): string | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null || prototype === Object.prototype) return undefined;
  let verdict = verdicts.get(prototype);
  if (verdict === undefined) {
    verdict = accessorOf(prototype);
    verdicts.set(prototype, verdict);
  }
  const content = hiddenContent(object);
  if (content !== undefined) return content;
  if (verdict !== null) return verdict;
  // A plain object of another realm, or one whose prototype was made by hand, has no class to lose anything of.
  if (members > 0 || Object.getPrototypeOf(prototype) === null) return undefined;
  return `is ${aOf(prototype)} without members that JSON would keep; return a plain object of what it holds`;
}

function hiddenContent(object: object): string | undefined {
  if (types.isMap(object)) return 'is a Map, of which JSON keeps nothing; use Object.fromEntries(map) or [...map]';
  if (types.isSet(object)) return 'is a Set, of which JSON keeps nothing; use [...set]';
  if (types.isNativeError(object) || object instanceof Error) return 'is an Error, of which JSON keeps nothing; throw it, or use its message';
  if (types.isPromise(object)) return 'is a Promise; await it';
  if (types.isRegExp(object)) return 'is a RegExp, of which JSON keeps nothing; use its source';
  if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return 'is binary data; store it by job.files or as base64 text';
  return undefined;
}

/** The first accessor of the class or one that it extends. The root of all objects is left out: its `__proto__` is one. */
function accessorOf(prototype: object): string | null {
  for (let at = prototype, next = Object.getPrototypeOf(at) as object | null; next !== null; at = next, next = Object.getPrototypeOf(at) as object | null) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if ('get' in property) return `is ${aOf(prototype)}, whose accessor "${name}" JSON would drop; return a plain object, or give the class a toJSON`;
    }
  }
  return null;
}

function aOf(prototype: object): string {
  const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object with a prototype of its own';
}
