/** The names in a text that has commas between them. */
export function namesIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What is no number is sent as it is: the gateway says what it should be. */
export function numberOr(text: string): number {
  return (/^-?\d+$/.test(text) ? Number(text) : text) as number;
}
