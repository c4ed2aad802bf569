/** A number that JavaScript would change: it keeps the digits it was written with. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

/** `JSON.parse`, except that a number keeps its digits where JavaScript would change them. */
export function readExact(text: string): unknown {
  return (JSON.parse as Parse)(text, (_, value, context) => {
    if (typeof value !== 'number' || context?.source === undefined || String(value) === context.source) return value;
    return Number(context.source) === value && !/\d{16}/.test(context.source) ? value : new ExactNumber(context.source);
  });
}

/** `JSON.stringify`, with the digits of an {@link ExactNumber}. */
export function writeExact(value: unknown, indent = 0, depth = 0): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((one: unknown) => writeExact(one ?? null, indent, depth + 1))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}:${indent > 0 ? ' ' : ''}${writeExact(member, indent, depth + 1)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) return open + close;
  if (indent === 0) return open + members.join(',') + close;
  const inner = `\n${' '.repeat(indent * (depth + 1))}`;
  return `${open}${inner}${members.join(`,${inner}`)}\n${' '.repeat(indent * depth)}${close}`;
}

/** With the source of each value, which TypeScript does not know yet. */
type Parse = (text: string, reviver: (name: string, value: unknown, context?: { source?: string }) => unknown) => unknown;
