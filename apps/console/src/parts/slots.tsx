import type { JSX } from 'react';
import { number } from '../words/words';
import './slots.css';

const MOST_DRAWN = 48;

/** Places as squares: those that are taken are filled. Of many, or without a bound, only the number. */
export function Slots({ held, capacity, what, small = false }: { held: number; capacity: number | null; what?: string; small?: boolean }): JSX.Element {
  const words = capacity === null ? number(held) : `${number(held)} of ${number(capacity)}`;
  const drawn = Math.max(capacity ?? 0, held);
  const squares = capacity !== null && drawn <= MOST_DRAWN && (
    <span className={small ? 'slots s' : 'slots'} aria-hidden="true">
      {Array.from({ length: drawn }, (_, index) => (
        <i key={index} className={index < held ? '' : 'free'} />
      ))}
    </span>
  );
  if (small)
    return (
      <span className="row wrap">
        {squares} <span>{words}</span>
      </span>
    );
  return (
    <div>
      <h3>
        {what}, {words}
      </h3>
      {squares}
    </div>
  );
}
