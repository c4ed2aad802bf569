import { Modal, TextInput } from '@mantine/core';
import { type JSX, type ReactNode, useEffect, useMemo, useState } from 'react';
import { because, type OperationId } from '../api/api';
import { useIsReasonRequired } from '../api/rights';
import { commandWithReason } from '../words/command-with-reason';
import { Command, ErrorNote } from './parts';
import { LONGEST_NOTE, ReasonOfDeed } from './note';

interface DeedProps {
  /** What is done, as the document names it: it may need a reason here. */
  does: OperationId;
  title: string;
  /** What it does, and how large it is: `Redrive the first 10`. */
  button: string;
  risk?: boolean;
  /** The same on the command line, in full. */
  command: string;
  /** What will happen, fields to fill in. */
  children: ReactNode;
  act: () => Promise<unknown>;
  onClose: () => void;
  /** What it did is shown in its place, by who has opened it. */
  stays?: boolean;
  /** There is nothing to do, or something is missing. */
  disabled?: boolean;
  /** It has many fields. */
  wide?: boolean;
}

/** A dialog before something is changed: what will happen, the command that does the same, and a way out. */
export function Deed({
  does,
  title,
  button,
  risk = false,
  command,
  children,
  act,
  onClose,
  disabled = false,
  stays = false,
  wide = false,
}: DeedProps): JSX.Element {
  const [isActing, setActing] = useState(false);
  // The focus goes back to where it was when the dialog goes.
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, [before]);
  const [error, setError] = useState<unknown>(null);
  const isRequired = useIsReasonRequired(does);
  const [reason, setReason] = useState('');
  const [isAsked, setAsked] = useState(false);
  const ofNote = useMemo(() => ({ isRequired, onAsked: setAsked }), [isRequired]);
  const go = async (): Promise<void> => {
    setActing(true);
    setError(null);
    try {
      await because(reason.trim(), act);
      if (!stays) onClose();
    } catch (caught) {
      setError(caught);
      setActing(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={wide ? 880 : 560} classNames={{ title: 'deed-title' }}>
      <form
        className="deed"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <ReasonOfDeed value={ofNote}>{children}</ReasonOfDeed>
        {isRequired && !isAsked && (
          <TextInput
            label="Reason"
            description="Required here, and kept in the audit"
            required
            maxLength={LONGEST_NOTE}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <Command text={commandWithReason(command, reason.trim())} />
        {error !== null && <ErrorNote error={error} />}
        <footer>
          <button type="button" className="btn" onClick={onClose}>
            Not now
          </button>
          <button type="submit" className={risk ? 'btn risk' : 'btn primary'} disabled={isActing || disabled}>
            {button}
          </button>
        </footer>
      </form>
    </Modal>
  );
}
