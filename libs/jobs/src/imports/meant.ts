const SHOWN = 10;
/** A longer name is no misspelt one, and comparing it would take long. */
const MAX_LENGTH = 300;

/** What to tell somebody who wrote a name that is not there: the one that was probably meant, else which there are. */
export function meant(name: string, candidates: readonly string[], whenNone: string): string {
  const near = nearest(name, candidates);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  if (candidates.length === 0) return whenNone;
  const more = candidates.length > SHOWN ? `, and ${candidates.length - SHOWN} more` : '';
  return `there are ${candidates.slice(0, SHOWN).join(', ')}${more}`;
}

/** The candidate with the fewest edits, when those are at most a third of the name. */
function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const ranked = candidates.map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [line, character] of [...a].entries()) {
    const next = [line + 1];
    for (let index = 1; index <= b.length; index++) {
      const substituted = (row[index - 1] ?? 0) + (character === b[index - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
