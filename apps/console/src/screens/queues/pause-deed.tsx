import type { JSX, ReactNode } from 'react';
import { Deed } from '../../parts/deed';
import { NoteFields, pauseWords, useNote } from '../../parts/note';
import { Time } from '../../parts/time';
import type { PauseNote } from '../../api/api';
import { quoted } from '../../words/quoted';

interface Props {
  what: 'queue' | 'kind';
  name: string;
  paused: { pausedAt: string | null; pausedBy: string | null; pauseReason: string | null } | null;
  /** What pausing or resuming does here and now. */
  children: ReactNode;
  pause: (note: PauseNote) => Promise<unknown>;
  resume: () => Promise<unknown>;
  onClose: () => void;
}

/** Before a queue or a kind is paused or resumed. */
export function PauseDeed({ what, name, paused, children, pause, resume, onClose }: Props): JSX.Element {
  const note = useNote();
  const command = `longhaul ${what}s ${paused ? 'resume' : 'pause'} ${quoted(name)}`;
  if (paused)
    return (
      <Deed
        does={what === 'queue' ? 'resumeQueue' : 'resumeKind'}
        title={`Resume ${what} ${name}`}
        button={`Resume ${name}`}
        command={command}
        act={resume}
        onClose={onClose}
      >
        <p>{children}</p>
        <p className="note wait">
          <span>
            Paused since <Time at={paused.pausedAt} /> {pauseWords(paused)}
          </span>
        </p>
      </Deed>
    );
  return (
    <Deed
      does={what === 'queue' ? 'pauseQueue' : 'pauseKind'}
      title={`Pause ${what} ${name}`}
      button={`Pause ${name}`}
      risk
      command={command + note.flags}
      act={() => {
        note.keepName();
        return pause(note.given);
      }}
      onClose={onClose}
    >
      <p>{children}</p>
      <NoteFields note={note} shown={`Shown beside the ${what}, and to whoever asks why a job waits`} />
    </Deed>
  );
}
