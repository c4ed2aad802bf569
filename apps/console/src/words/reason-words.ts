/** A reason, which is stable for programs, as words: `unknown_kind` becomes `unknown kind`. */
export function reasonWords(reason: string): string {
  return reason.replaceAll('_', ' ');
}
