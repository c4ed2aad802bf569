import { type JSX, useState } from 'react';
import { bytes as size } from '../../words/words';
import { useIsNarrow } from '../../parts/narrow';
import { hexRows, ROW, SHORT_ROW } from './bytes';

const FIRST = 1_024;
/** What a page can hold: the rest is in the file. */
const MOST = 65_536;

/** Bytes as hex, with what can be read of them at the side. */
export function Bytes({ bytes }: { bytes: Uint8Array }): JSX.Element {
  const [most, setMost] = useState(FIRST);
  const isNarrow = useIsNarrow();
  if (bytes.length === 0) return <p className="dim pad">The message has no bytes.</p>;
  return (
    <>
      <div className="hex" tabIndex={0} role="region" aria-label="The bytes as hex">
        {hexRows(bytes, most, isNarrow ? SHORT_ROW : ROW).map(({ offset, hex, text }) => (
          <div key={offset}>
            <span className="o">{offset}</span>
            {`  ${hex}   `}
            <span className="t">{text}</span>
          </div>
        ))}
      </div>
      {bytes.length > most && (
        <div className="pad">
          {most < MOST ? (
            <button type="button" className="btn tiny" onClick={() => setMost(MOST)}>
              Show {bytes.length > MOST ? `the first ${size(MOST)}` : 'all'}
            </button>
          ) : (
            <span className="small dim">The file to download has the rest.</span>
          )}
        </div>
      )}
    </>
  );
}
