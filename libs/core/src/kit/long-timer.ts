/** What `setTimeout` takes at most; with more it fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `action` once, after `ms`, be it in a year. The result cancels it. */
export function startTimer(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = left > LONGEST_MS ? setTimeout(() => wait(left - LONGEST_MS), LONGEST_MS) : setTimeout(action, left);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
