import type { JSX } from 'react';
import { ExactNumber } from '../api/api';
import { count } from '../words/words';

const MOST = 200;

/** JSON to fold and unfold. Numbers keep their digits, and a large value shows its first 200 members. */
export function JsonTree({ value, name }: { value: unknown; name: string }): JSX.Element {
  return (
    <div className="json" tabIndex={0} role="region" aria-label={name}>
      <ul style={{ padding: 0 }}>
        <Node name={name} value={value} open />
      </ul>
    </div>
  );
}

function Node({ name, value, open = false }: { name: string; value: unknown; open?: boolean }): JSX.Element {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber)
    return (
      <li className="leaf">
        <span className="k">{name}</span> <Leaf value={value} />
      </li>
    );
  const members: [string, unknown][] = Array.isArray(value) ? value.map((one: unknown, index) => [String(index), one]) : Object.entries(value);
  const size = Array.isArray(value) ? `[ ${String(members.length)} ]` : `{ ${String(members.length)} }`;
  if (members.length === 0)
    return (
      <li className="leaf">
        <span className="k">{name}</span> <span className="c">{Array.isArray(value) ? '[ ]' : '{ }'}</span>
      </li>
    );
  return (
    <li>
      <details open={open || members.length <= 3}>
        <summary>
          <span className="k">{name}</span> <span className="c">{size}</span>
        </summary>
        <ul>
          {members.slice(0, MOST).map(([key, one]) => (
            <Node key={key} name={key} value={one} />
          ))}
          {members.length > MOST && <li className="leaf c">and {count(members.length - MOST, 'more', 'more')}: the JSON to copy has them</li>}
        </ul>
      </details>
    </li>
  );
}

function Leaf({ value }: { value: unknown }): JSX.Element {
  if (value instanceof ExactNumber) return <span className="n">{value.text}</span>;
  if (typeof value === 'string') return <span className="s">{JSON.stringify(value)}</span>;
  return <span className={value === null ? 'c' : 'n'}>{String(value)}</span>;
}
