import type { JSX } from 'react';
import { count } from '../words/words';
import type { DiffLine } from '../words/diff';
import './diff.css';

const SIGNS = { same: ' ', del: '−', add: '+' };
const WORDS = { same: '', del: 'taken away: ', add: 'added: ' };
/** Lines that are the same and shown around each change. */
const AROUND = 3;

/** Two texts as one: the lines that are gone, and those that have come. Lines far from any change are only counted. */
export function Diff({ lines, label }: { lines: readonly DiffLine[]; label: string }): JSX.Element {
  const isNear = lines.map((_, index) => lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ what }) => what !== 'same'));
  const parts: JSX.Element[] = [];
  for (let index = 0; index < lines.length; index++) {
    let hidden = 0;
    while (index + hidden < lines.length && isNear[index + hidden] === false) hidden++;
    if (hidden > 1) {
      parts.push(
        <div key={index} className="gap">
          <span className="ln">⋯</span>
          <span />
          <span>{count(hidden, 'line')} as before</span>
        </div>,
      );
      index += hidden - 1;
      continue;
    }
    const line = lines[index];
    if (line) parts.push(<Line key={index} line={line} />);
  }
  return (
    <div className="diff" tabIndex={0} role="region" aria-label={label}>
      {parts}
    </div>
  );
}

function Line({ line: { what, line, text, mark } }: { line: DiffLine }): JSX.Element {
  return (
    <div className={what === 'same' ? undefined : what}>
      <span className="ln">{line}</span>
      <span className="g" aria-hidden="true">
        {SIGNS[what]}
      </span>
      <span>
        {what !== 'same' && <span className="unseen">{WORDS[what]}</span>}
        {mark && mark[1] > mark[0] ? (
          <>
            {text.slice(0, mark[0])}
            <mark>{text.slice(...mark)}</mark>
            {text.slice(mark[1])}
          </>
        ) : (
          text
        )}
      </span>
    </div>
  );
}
