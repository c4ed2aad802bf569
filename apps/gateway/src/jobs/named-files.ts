import { publicPath } from '@app/core';

const MOST_FILES = 50;

/** Links to the stored files that a result names. Nothing else in a result becomes a link. */
export function filesIn(value: unknown): { name: string; url: string }[] {
  const found: { name: string; url: string }[] = [];
  const beginning = publicPath('/files/');
  const look = (member: unknown, name: string): void => {
    if (typeof member !== 'object' || member === null || found.length >= MOST_FILES) return;
    const { url } = member as { url?: unknown };
    if (typeof url === 'string' && url.startsWith(beginning) && /^[\w/.-]+$/.test(url)) found.push({ name, url });
    else for (const [inner, one] of Object.entries(member)) look(one, Array.isArray(member) ? `${name} ${inner}` : inner);
  };
  look(value, 'file');
  return found;
}
