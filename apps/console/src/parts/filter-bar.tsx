import { Menu } from '@mantine/core';
import { type JSX, type ReactNode, useState } from 'react';
import { Icon } from './icon';

/** What a list can be restricted by. */
export interface FilterField<Name extends string = string> {
  name: Name;
  label: string;
  /** Such as `such as csv.import`. */
  hint?: string;
  /** Values to choose from in the menu. Without, text is typed. */
  choices?: readonly (readonly [value: string, word: ReactNode])[];
  /** Values that are offered while one types: asked for when the field is opened. */
  useKnown?: () => readonly string[];
}

type Filters<Name extends string> = Partial<Record<Name, string>>;

/** The filters that hold, as chips to take away, and a menu of those that can be added. */
export function FilterBar<Name extends string>({
  fields,
  filters,
  onChange,
}: {
  fields: readonly FilterField<Name>[];
  filters: Filters<Name>;
  onChange: (filters: Filters<Name>) => void;
}): JSX.Element {
  const [adding, setAdding] = useState<FilterField<Name> | null>(null);
  const set = (name: Name, value: string | undefined): void => {
    const rest = Object.fromEntries(Object.entries(filters).filter(([other]) => other !== name)) as Filters<Name>;
    onChange(value === undefined || value === '' ? rest : { ...rest, [name]: value });
    setAdding(null);
  };
  const typed = fields.filter(({ choices }) => choices === undefined);
  return (
    <div className="row wrap" role="group" aria-label="Filters">
      {fields.map(
        ({ name, label }) =>
          filters[name] !== undefined && (
            <span className="chip" key={name}>
              <span className="k">{label}</span>
              <span className="cut">{filters[name]}</span>
              <button type="button" aria-label={`Remove the filter ${label}`} onClick={() => set(name, undefined)}>
                <Icon name="close" />
              </button>
            </span>
          ),
      )}
      {adding && <TextFilter key={adding.name} field={adding} onSet={(value) => set(adding.name, value)} onLeave={() => setAdding(null)} />}
      {/* The focus goes to the text that is to be typed, and else back to the button. */}
      <Menu position="bottom-start" width={216} returnFocus={adding === null}>
        <Menu.Target>
          <button type="button" className="chip add">
            <Icon name="plus" />
            Filter
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {fields.map(
            ({ name, label, choices }) =>
              choices && (
                <div key={name}>
                  <Menu.Label>{label}</Menu.Label>
                  {choices.map(([value, word]) => (
                    <Menu.Item key={value} onClick={() => set(name, value)}>
                      {word}
                    </Menu.Item>
                  ))}
                </div>
              ),
          )}
          {typed.length > 0 && typed.length < fields.length && <Menu.Divider />}
          {typed.map((field) => (
            <Menu.Item key={field.name} onClick={() => setAdding(field)}>
              {field.label}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

const NONE_KNOWN = (): readonly string[] => [];

function TextFilter({ field, onSet, onLeave }: { field: FilterField; onSet: (value: string) => void; onLeave: () => void }): JSX.Element {
  const [value, setValue] = useState('');
  const { label, hint, useKnown = NONE_KNOWN } = field;
  const known = useKnown();
  return (
    <form
      className="chip"
      onSubmit={(event) => {
        event.preventDefault();
        onSet(value.trim());
      }}
    >
      <label className="k" htmlFor="new-filter">
        {label}
      </label>
      <input
        id="new-filter"
        className="chip-in"
        list="known-values"
        placeholder={hint}
        autoFocus
        value={value}
        onChange={(event) => {
          setValue(event.currentTarget.value);
          // Chosen from the list: nothing more is to be typed.
          if (!('inputType' in event.nativeEvent) && known.includes(event.currentTarget.value)) onSet(event.currentTarget.value);
        }}
        onKeyDown={(event) => event.key === 'Escape' && onLeave()}
      />
      <datalist id="known-values">
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit" aria-label="Filter by it">
        <Icon name="check" />
      </button>
    </form>
  );
}
