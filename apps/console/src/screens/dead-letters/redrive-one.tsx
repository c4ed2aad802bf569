import type { JSX } from 'react';
import { api, type DeadLetterDetail, PATH, type RedriveEdits, writeExact } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { Diff } from '../../parts/diff';
import { diffLines } from '../../words/diff';
import { quoted } from '../../words/quoted';
import type { Draft } from './edit';
import { letterQuery, seeLettersAnew } from './queries';

interface Props {
  letter: DeadLetterDetail;
  edits: RedriveEdits;
  before: Draft;
  draft: Draft;
  onClose: () => void;
}

/** Puts one letter back, with the edits. */
export function RedriveOne({ letter, edits, before, draft, onClose }: Props): JSX.Element {
  const { id, source, jobId } = letter;
  const isEdited = Object.keys(edits).length > 0;
  return (
    <Deed
      does="redriveDeadLetter"
      title="Redrive this letter"
      button={isEdited ? 'Redrive it as edited' : 'Redrive it'}
      command={commandOf(id, edits)}
      act={async () => {
        await api('POST /dead-letters/{id}/redrive', { path: { id }, ...(isEdited ? { body: edits } : {}) });
        if (jobId !== null) await queryClient.invalidateQueries({ queryKey: ['job', jobId] });
        await queryClient.invalidateQueries(letterQuery(id));
        await seeLettersAnew();
      }}
      onClose={onClose}
    >
      <p>
        {source === 'job'
          ? 'Its job begins again with all its attempts. Steps that it has done are not done again, unless its payload is changed.'
          : `The message becomes a job${edits.kind === undefined && letter.kind === null ? '' : ` of ${edits.kind ?? letter.kind ?? ''}`}, with what else it asked for. Its bytes stay as they came.`}
      </p>
      {edits.payload !== undefined && (
        <div className="well">
          <Diff lines={diffLines(before.payload, draft.payload)} label="What is changed" />
        </div>
      )}
    </Deed>
  );
}

/** The command line takes another payload; for another kind or other options it is the call. */
function commandOf(id: string, edits: RedriveEdits): string {
  const { payload, ...others } = edits;
  if (Object.keys(others).length > 0)
    return `curl -s ${location.origin}${PATH}/dead-letters/${id}/redrive -H 'content-type: application/json' -d ${quoted(writeExact(edits))}`;
  return `longhaul dead-letters redrive ${id}${payload === undefined ? '' : ` --payload ${quoted(writeExact(payload))}`}`;
}
