import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { api, type LetterGroup, PATH, type Refused, writeExact } from '../../api/api';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { ErrorNote } from '../../parts/parts';
import { NoteFields, useNote } from '../../parts/note';
import { RateField } from '../../parts/rate-field';
import { quoted } from '../../words/quoted';
import { numberOr } from '../../words/typed';
import { count, number } from '../../words/words';
import { seeLettersAnew } from './queries';
import type { LetterFilters } from './search';

/** What became of many. */
export interface Told {
  text: string;
  refused?: readonly Refused[];
  /** The job that does it, where it takes its time. */
  job?: string;
}

export interface Choice {
  title: string;
  filter: LetterFilters & { group?: string };
}

interface ManyProps {
  choice: Choice;
  onDone: (told: Told) => void;
  onClose: () => void;
}

/** So many are put back by one call. */
const MOST = 1_000;
/** On the command line it is a rate that lets a job do it. */
const FASTEST = 1_000;

/** Of nothing in particular all are meant: the API wants to be told so. */
function bodyOf({ filter }: Choice): LetterFilters & { all?: true } {
  return Object.keys(filter).length === 0 ? { all: true } : filter;
}

function flagsOf({ filter }: Choice): string {
  const flags = Object.entries(filter).map(([name, value]) => ` --${name} ${quoted(String(value))}`);
  return flags.length === 0 ? ' --all' : flags.join('');
}

function curl(path: string, body: unknown): string {
  return `curl -s ${location.origin}${PATH}${path} -H 'content-type: application/json' -d ${quoted(writeExact(body))}`;
}

/** Of letters the command line names the reason a note: they have a reason of their own. */
function noteFlags(flags: string): string {
  return flags.replace(/^ --reason /, ' --note ');
}

/** How many letters match now: what the dry run says, and not what the list has said. */
function useMatching(deed: 'redrive' | 'discard', choice: Choice, enabled = true) {
  return useQuery({
    queryKey: ['matching-letters', deed, choice.filter],
    queryFn: async () => {
      const answer = await api(`POST /dead-letters/${deed}`, { body: { ...bodyOf(choice), dryRun: true } });
      return 'matching' in answer ? answer.matching : 0;
    },
    gcTime: 0,
    enabled,
  });
}

/** With a rate, and where they are more than one call puts back, a job does it: it can be watched, and cancelled. */
export function RedriveMany({ choice, onDone, onClose }: ManyProps): JSX.Element {
  const [rate, setRate] = useState('');
  const note = useNote();
  const faults = useFaults();
  const { data: matching, error } = useMatching('redrive', choice);
  const each = rate.trim();
  const isLong = each !== '' || (matching ?? 0) > MOST;
  const noted = Object.keys(note.given).length > 0;
  const command = [
    `longhaul dead-letters redrive${flagsOf(choice)}`,
    isLong ? ` --rate ${quoted(each === '' ? String(FASTEST) : each)}` : '',
    noteFlags(note.flags),
  ];
  return (
    <Deed
      does="redriveDeadLetters"
      title={choice.title}
      button={matching === undefined ? 'Redrive them' : `Redrive ${number(matching)}`}
      command={command.join('')}
      act={() =>
        faults.while(async () => {
          note.keepName();
          const answer = await api('POST /dead-letters/redrive', {
            body: {
              ...bodyOf(choice),
              ...(each !== '' && { rate: numberOr(each) }),
              ...(noted && { note: note.given }),
            },
            ...(isLong && { headers: { prefer: 'respond-async' } }),
          });
          if ('id' in answer) onDone({ text: 'They are being put back, one after the other.', job: answer.id });
          if ('redriven' in answer) onDone({ text: `${number(answer.redriven)} put back.`, refused: answer.refused });
          await seeLettersAnew();
        })
      }
      onClose={onClose}
    >
      <p>A failed job begins again with all its attempts; a message becomes a job with what it asked for. What the letters say stays as it is.</p>
      <RateField inputMode="decimal" error={faults.of('/rate')} value={rate} onChange={setRate} />
      <NoteFields note={note} shown="Kept in the audit" />
      <DryRunNote matching={matching} error={error} what="letter">
        {isLong && ' A job puts them back: it says how far it is, and can be cancelled.'}
      </DryRunNote>
    </Deed>
  );
}

export function DiscardMany({ choice, onDone, onClose }: ManyProps): JSX.Element {
  const note = useNote();
  const { data: matching, error } = useMatching('discard', choice);
  return (
    <Deed
      does="discardDeadLetters"
      title={choice.title}
      button={matching === undefined ? 'Put them away' : `Put ${number(matching)} away`}
      risk
      command={`longhaul dead-letters discard${flagsOf(choice)}${noteFlags(note.flags)}`}
      act={async () => {
        note.keepName();
        const answer = await api('POST /dead-letters/discard', {
          body: { ...bodyOf(choice), ...(Object.keys(note.given).length > 0 ? { note: note.given } : {}) },
        });
        if ('discarded' in answer) onDone({ text: `${number(answer.discarded)} put away.` });
        await seeLettersAnew();
      }}
      onClose={onClose}
    >
      <p>They are kept as long as the others, and are in no cause any more. Jobs stay failed. Each can still be put back.</p>
      <NoteFields note={note} shown="Kept with each letter" />
      <DryRunNote matching={matching} error={error} what="letter" />
    </Deed>
  );
}

function DryRunNote({
  matching,
  error,
  what,
  children,
}: {
  matching: number | undefined;
  error: unknown;
  what: string;
  children?: React.ReactNode;
}): JSX.Element {
  if (error) return <ErrorNote error={error} />;
  return (
    <p className="note" role="status">
      {matching === undefined ? 'Counting what matches…' : `Dry run: ${count(matching, what)} ${matching === 1 ? 'matches' : 'match'} now.`}
      {children}
    </p>
  );
}

export function DiscardOne({ id, onClose }: { id: string; onClose: () => void }): JSX.Element {
  const note = useNote();
  return (
    <Deed
      does="discardDeadLetter"
      title="Put this letter away"
      button="Put it away"
      risk
      command={`longhaul dead-letters discard ${id}${noteFlags(note.flags)}`}
      act={async () => {
        note.keepName();
        await api('POST /dead-letters/{id}/discard', { path: { id }, body: note.given });
        await seeLettersAnew();
      }}
      onClose={onClose}
    >
      <p>It needs no work any more: it is kept as long as the others, and is in no cause any more. A job of it stays failed. It can still be put back.</p>
      <NoteFields note={note} shown="Kept with the letter" />
    </Deed>
  );
}

export function Acknowledge({ group, onClose }: { group: LetterGroup; onClose: () => void }): JSX.Element {
  const note = useNote();
  return (
    <Deed
      does="acknowledgeLetterGroup"
      title="Say that you know of it"
      button="Acknowledge it"
      command={curl(`/dead-letters/groups/${group.group}/acknowledge`, note.given)}
      act={async () => {
        note.keepName();
        await api('POST /dead-letters/groups/{group}/acknowledge', { path: { group: group.group }, body: note.given });
        await seeLettersAnew();
      }}
      onClose={onClose}
    >
      <p>Others see that somebody has this cause in hand, and how many letters have come since. Nothing becomes of the letters.</p>
      <NoteFields note={note} shown="Such as what is done about it" />
    </Deed>
  );
}

export function Reopen({ group, onClose }: { group: LetterGroup; onClose: () => void }): JSX.Element {
  return (
    <Deed
      does="reopenLetterGroup"
      title="Open this cause again"
      button="Open it again"
      command={`curl -s -X POST ${location.origin}${PATH}/dead-letters/groups/${group.group}/reopen`}
      act={async () => {
        await api('POST /dead-letters/groups/{group}/reopen', { path: { group: group.group } });
        await seeLettersAnew();
      }}
      onClose={onClose}
    >
      <p>It is shown as one that nobody has in hand. The note goes; nothing becomes of the letters.</p>
    </Deed>
  );
}
