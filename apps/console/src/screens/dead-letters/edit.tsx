import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type JSX, useId } from 'react';
import { type DeadLetterDetail, type JsonValue, type ProblemFault, readExact, type RedriveEdits, type SubmitOptions, writeExact } from '../../api/api';
import { kindsQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { tryOut } from '../../api/try-out';
import { Diff } from '../../parts/diff';
import { Icon } from '../../parts/icon';
import { useSettled } from '../../parts/settled';
import { ErrorNote } from '../../parts/parts';
import { diffLines } from '../../words/diff';

/** What is being edited, as it is typed. */
export interface Draft {
  kind: string;
  payload: string;
  /** Empty: those of the message. */
  options: string;
}

/** As it came. What is no JSON stays the text that it is. */
export function draftOf({ kind, body, payload }: DeadLetterDetail): Draft {
  const text = payload === undefined ? (body && 'text' in body ? body.text : '') : writeExact(payload, 2);
  const parsed = parse(text);
  return { kind: kind ?? '', payload: parsed.fault === undefined ? writeExact(parsed.value, 2) : text, options: '' };
}

/** What was changed, as the API takes it; null where it cannot be sent. */
export function editsOf(before: Draft, draft: Draft): RedriveEdits | null {
  const payload = parse(draft.payload);
  const options = parse(draft.options);
  const hasOptions = draft.options.trim() !== '';
  if ((draft.payload !== before.payload && payload.fault !== undefined) || (hasOptions && options.fault !== undefined)) return null;
  return {
    ...(draft.kind.trim() === before.kind ? {} : { kind: draft.kind.trim() }),
    ...(draft.payload === before.payload ? {} : { payload: payload.value as JsonValue }),
    ...(hasOptions ? { options: options.value as SubmitOptions } : {}),
  };
}

function parse(text: string): { value?: unknown; fault?: string } {
  try {
    return { value: readExact(text) };
  } catch (error) {
    return { fault: `is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Payload, and of a message also kind and options, to be changed before it is put back: what differs, and whether the gateway would take it. */
export function LetterEdit({
  letter,
  before,
  draft,
  onChange,
}: {
  letter: DeadLetterDetail;
  before: Draft;
  draft: Draft;
  onChange: (draft: Draft) => void;
}): JSX.Element {
  const id = useId();
  const isMessage = letter.source === 'message';
  const kinds = useQuery({ ...kindsQuery, enabled: isMessage }).data?.items.map(({ kind }) => kind) ?? [];
  const isEdited = draft.payload !== before.payload;
  return (
    <div className="edit">
      {isMessage && (
        <label className="field">
          <span className="l">Kind</span>
          <input className="in" list={`${id}-kinds`} value={draft.kind} onChange={(event) => onChange({ ...draft, kind: event.currentTarget.value })} />
          <datalist id={`${id}-kinds`}>
            {kinds.map((kind) => (
              <option key={kind} value={kind} />
            ))}
          </datalist>
        </label>
      )}
      <label className="field">
        <span className="l">Payload</span>
        <textarea
          className="in code-in"
          spellCheck={false}
          rows={Math.min(20, Math.max(5, draft.payload.split('\n').length + 1))}
          value={draft.payload}
          onChange={(event) => onChange({ ...draft, payload: event.currentTarget.value })}
        />
      </label>
      {isMessage && (
        <details>
          <summary className="small">Other options than those of the message</summary>
          <label className="field">
            <span className="unseen">Options</span>
            <textarea
              className="in code-in"
              spellCheck={false}
              rows={3}
              placeholder={'{ "queue": "default", "priority": 5 }'}
              value={draft.options}
              onChange={(event) => onChange({ ...draft, options: event.currentTarget.value })}
            />
          </label>
        </details>
      )}
      {isEdited && (
        <div>
          <h3>What you have changed</h3>
          <div className="well">
            <Diff lines={diffLines(before.payload, draft.payload)} label="What you have changed" />
          </div>
        </div>
      )}
      <div className="halves">
        {isMessage && <Checked title="As it came" draft={before} />}
        {(isEdited || draft.kind !== before.kind || draft.options !== '' || !isMessage) && (
          <Checked title={isEdited ? 'As edited' : 'As it is'} draft={draft} />
        )}
      </div>
    </div>
  );
}

function useCheck(draft: Draft) {
  const may = useMay()('jobs:submit');
  const later = useSettled(draft);
  const kind = later.kind.trim();
  return useQuery({
    queryKey: ['letter-check', later],
    queryFn: async ({ signal }): Promise<ProblemFault[]> => {
      const payload = parse(later.payload);
      const options = later.options.trim() === '' ? {} : parse(later.options);
      const unreadable = Object.entries({ payload, options }).flatMap(([name, { fault }]) =>
        fault === undefined ? [] : [{ pointer: `/${name}`, detail: fault }],
      );
      if (unreadable.length > 0) return unreadable;
      const body = { kind, payload: payload.value as JsonValue, ...(options.value === undefined ? {} : { options: options.value as SubmitOptions }) };
      return (await tryOut(body, {}, signal)).faults;
    },
    enabled: may && kind !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** What the gateway says of it: it checks as it does at a submission. */
function Checked({ title, draft }: { title: string; draft: Draft }): JSX.Element | null {
  const { data: faults, error } = useCheck(draft);
  if (draft.kind.trim() === '')
    return (
      <div>
        <h3>{title}</h3>
        <p className="small mid">Its kind is not known: give one.</p>
      </div>
    );
  if (error) return <ErrorNote error={error} />;
  if (!faults) return null;
  return (
    <div role="status">
      <h3>{title}</h3>
      <ul className="checks">
        {faults.map(({ pointer, detail }) => (
          <li key={pointer + detail} className="bad">
            <Icon name="failed" />
            <span>
              {pointer !== '' && <code>{pointer.replace(/^\/payload(?=\/)/, '')}</code>} {detail}
            </span>
          </li>
        ))}
        {faults.length === 0 && (
          <li className="ok">
            <Icon name="succeeded" />
            <span>Fits the schema of {draft.kind.trim()}</span>
          </li>
        )}
      </ul>
    </div>
  );
}
