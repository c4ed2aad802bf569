import { type JSX, type KeyboardEvent, type ReactNode, useId } from 'react';

export interface Tab {
  key: string;
  name: string;
  content: ReactNode;
}

/** Parts of a card of which one is shown. The arrows lead from one to the next. */
export function Tabs({
  tabs,
  chosen,
  onChoose,
  end,
}: {
  tabs: readonly Tab[];
  /** The first where none has this key. */
  chosen: string | null | undefined;
  onChoose: (key: string) => void;
  /** At the right of the names. */
  end?: ReactNode;
}): JSX.Element | null {
  const id = useId();
  const tab = tabs.find(({ key }) => key === chosen) ?? tabs[0];
  if (!tab) return null;
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const at = (tabs.indexOf(tab) + step + tabs.length) % tabs.length;
    const next = tabs[at];
    if (step === 0 || !next) return;
    onChoose(next.key);
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[at]?.focus();
  };
  return (
    <>
      <div className="tabs">
        <div role="tablist" onKeyDown={onKey}>
          {tabs.map(({ key, name }) => (
            <button
              key={key}
              type="button"
              role="tab"
              id={`${id}-${key}`}
              aria-controls={id}
              aria-selected={key === tab.key}
              tabIndex={key === tab.key ? 0 : -1}
              onClick={() => onChoose(key)}
            >
              {name}
            </button>
          ))}
        </div>
        {end !== undefined && <div className="end">{end}</div>}
      </div>
      <div role="tabpanel" id={id} aria-labelledby={`${id}-${tab.key}`}>
        {tab.content}
      </div>
    </>
  );
}
