import { TextInput } from '@mantine/core';
import { createContext, type JSX, useContext, useLayoutEffect, useState } from 'react';
import type { PauseNote } from '../api/api';
import { queryClient, sessionQuery } from '../api/queries';
import { quoted } from '../words/quoted';

const NAME = 'longhaul-name';
export const LONGEST_NOTE = 500;

/** Between a dialog and the fields in it: whether what it does needs a reason, and whether they ask for one. */
export const ReasonOfDeed = createContext<{ isRequired: boolean; onAsked: (isAsked: boolean) => void }>({ isRequired: false, onAsked: () => undefined });

interface NoteState {
  reason: string;
  by: string;
  setReason: (reason: string) => void;
  setBy: (by: string) => void;
  /** As the API takes it: without what was left empty. */
  given: PauseNote;
  /** The same on the command line. */
  flags: string;
  /** The name is there again at the next deed. */
  keepName: () => void;
}

/** Why something is done, and who does it. */
export function useNote(): NoteState {
  const [reason, setReason] = useState('');
  const [by, setBy] = useState(() => localStorage.getItem(NAME) ?? nameOfSession());
  const given = { ...(reason.trim() === '' ? {} : { reason: reason.trim() }), ...(by.trim() === '' ? {} : { by: by.trim() }) };
  return {
    ...{ reason, by, setReason, setBy, given },
    flags: Object.entries(given)
      .map(([name, value]) => ` --${name} ${quoted(value)}`)
      .join(''),
    keepName: () => localStorage.setItem(NAME, by.trim()),
  };
}

function nameOfSession(): string {
  const session = queryClient.getQueryData(sessionQuery.queryKey);
  return session?.via === 'session' ? session.name : '';
}

/** `shown`: where the reason can be read afterwards. */
export function NoteFields({ note, shown }: { note: NoteState; shown: string }): JSX.Element {
  const { isRequired, onAsked } = useContext(ReasonOfDeed);
  useLayoutEffect(() => {
    onAsked(true);
    return () => onAsked(false);
  }, [onAsked]);
  return (
    <>
      <TextInput
        label="Reason"
        description={shown}
        data-autofocus
        required={isRequired}
        maxLength={LONGEST_NOTE}
        value={note.reason}
        onChange={(event) => note.setReason(event.currentTarget.value)}
      />
      <TextInput label="Your name" maxLength={LONGEST_NOTE} value={note.by} onChange={(event) => note.setBy(event.currentTarget.value)} />
    </>
  );
}

interface Paused {
  pausedAt: string | null;
  pausedBy: string | null;
  pauseReason: string | null;
}

/** `by ops: new SMTP relay`; empty where nothing was said. */
export function pauseWords({ pausedBy, pauseReason }: Omit<Paused, 'pausedAt'>): string {
  return [...(pausedBy === null ? [] : [`by ${pausedBy}`]), ...(pauseReason === null ? [] : [`“${pauseReason}”`])].join(': ');
}
