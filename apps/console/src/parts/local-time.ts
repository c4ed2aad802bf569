import { useState } from 'react';

/** What stands in an input of type `datetime-local`, by the reader's clock; undefined while it is no time. */
export function readLocalTime(text: string): Date | undefined {
  const time = new Date(text);
  return text === '' || Number.isNaN(time.getTime()) ? undefined : time;
}

/** As such an input has it: `2026-01-31T08:00`. */
export function localTime(time: Date | undefined): string {
  if (!time || Number.isNaN(time.getTime())) return '';
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, time.getSeconds() === 0 ? 16 : 19);
}

/** The time of such an input, as state of a dialog. */
export function useLocalTime(first: () => Date): [time: Date | undefined, set: (text: string) => void] {
  const [time, setTime] = useState<Date | undefined>(first);
  return [time, (text) => setTime(readLocalTime(text))];
}
