import type { JSX } from 'react';
import type { Scope } from '../../api/rights';
import { MEANINGS } from './words';

/** What a key may do, each with its meaning on hover. */
export function Scopes({ scopes }: { scopes: readonly Scope[] }): JSX.Element {
  return (
    <ul className="scopes" aria-label="Scopes">
      {scopes.map((scope) => (
        <li key={scope} title={MEANINGS[scope]}>
          {scope}
        </li>
      ))}
    </ul>
  );
}
