import type { JSX, ReactNode } from 'react';
import type { Scope } from '../../api/rights';
import { listed } from '../../words/words';
import { Scopes } from './scopes';

/** Who may do what, a row each: of keys, and of those who are signed in. `who`: the head of the first column. */
export function Holders({ who, children }: { who: string; children: ReactNode }): JSX.Element {
  return (
    <div className="scroll">
      <table className="stack keys">
        <thead>
          <tr>
            <th scope="col">{who}</th>
            <th scope="col">May</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="unseen">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The cell of what one of them may do. */
export function May({ scopes, kinds }: { scopes: readonly Scope[]; kinds: readonly string[] | null }): JSX.Element {
  return (
    <td className="wraps full mid" data-l="may">
      <Scopes scopes={scopes} />
      {kinds !== null && <div className="small dim">of {listed(kinds)} only</div>}
    </td>
  );
}
