import { createContext, type JSX, useContext } from 'react';
import type { ProblemFault } from '../../api/api';
import { Icon } from '../../parts/icon';

/** What does not fit, by pointer, and what has been touched: what nobody has come to yet is not blamed. */
interface Known {
  faults: readonly ProblemFault[];
  isShown: (pointer: string) => boolean;
  touch: (pointer: string) => void;
  /** Whether it may be left out although the schema names it as required. */
  hasDefault: (pointer: string) => boolean;
}

export const Faults = createContext<Known>({ faults: [], isShown: () => false, touch: () => undefined, hasDefault: () => false });

/** The faults of a field and, where it has no fields of its own, of what is in it. `fields`: its members that have fields. */
export function useFaults(pointer: string, fields?: readonly string[]): { shown: ProblemFault[]; touch: () => void } {
  const { faults, isShown, touch } = useContext(Faults);
  const isOwn = (at: string): boolean => {
    if (at === pointer) return true;
    if (!at.startsWith(`${pointer}/`)) return false;
    const next = at.slice(pointer.length + 1).split('/')[0] ?? '';
    return fields === undefined || !fields.includes(unescaped(next));
  };
  return { shown: isShown(pointer) ? faults.filter(({ pointer: at }) => isOwn(at)) : [], touch: () => touch(pointer) };
}

/** A part of a pointer: RFC 6901. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function FaultLines({ faults, pointer }: { faults: readonly ProblemFault[]; pointer: string }): JSX.Element | null {
  if (faults.length === 0) return null;
  return (
    <>
      {faults.map(({ pointer: at, detail }) => (
        <p key={at + detail} className="h bad">
          <Icon name="failed" />
          <span>
            {at !== pointer && <code>{at.slice(pointer.length)}</code>} {detail}
          </span>
        </p>
      ))}
    </>
  );
}
