import { type JSX, type ReactNode, useContext, useId } from 'react';
import type { ProblemFault } from '../../api/api';
import { ExactNumber, readExact } from '../../api/exact';
import { JsonText } from '../../parts/json-text';
import { FaultLines, Faults, useFaults } from './faults';
import { Columns } from './from-import';
import { isSchema, limitWords, propertiesOf, type Schema, shapeOf, type Value } from './schema';

export interface FieldProps {
  schema: Schema;
  name: string;
  /** Where it is in the request. */
  pointer: string;
  required: boolean;
  value: Value;
  onChange: (value: Value) => void;
}

/** Whether it has to be given. The schema does not say of what a handler has a default for: the gateway takes it left out. */
function useNeeded({ pointer, required }: FieldProps): '' | 'required' | 'has a default' {
  const { hasDefault } = useContext(Faults);
  if (!required) return '';
  return hasDefault(pointer) ? 'has a default' : 'required';
}

/** One field with its name, what it has to be, and what is wrong with it. */
function Labelled({
  props,
  wide = false,
  children,
}: {
  props: FieldProps;
  wide?: boolean;
  children: (id: string, isBad: boolean, touch: () => void) => ReactNode;
}): JSX.Element {
  const id = useId();
  const { name, pointer, schema } = props;
  const { shown, touch } = useFaults(pointer);
  const needed = useNeeded(props);
  const hint = limitWords(schema);
  return (
    <div className={wide ? 'field all' : 'field'}>
      <label className="l" htmlFor={id}>
        {name} <span className="o">{needed}</span>
      </label>
      {children(id, shown.length > 0, touch)}
      <div id={`${id}-hint`}>
        {shown.length > 0 ? <FaultLines faults={inShort(shown, props)} pointer={pointer} /> : hint !== '' && <p className="h">{hint}</p>}
      </div>
    </div>
  );
}

/** What is left out breaks each of its rules: it is enough to say that it must be given. */
function inShort(faults: readonly ProblemFault[], { pointer, value }: FieldProps): readonly ProblemFault[] {
  return value === undefined && faults.length > 1 && faults.every((fault) => fault.pointer === pointer) ? [{ pointer, detail: 'must be given' }] : faults;
}

/** Fields that name a column of a table. */
const COLUMN = /^(column|dateColumn|groupBy \d+)$/;

export function TextField(props: FieldProps): JSX.Element {
  const columns = useContext(Columns);
  const known = COLUMN.test(props.name) ? columns : [];
  const list = useId();
  const { schema, value, onChange } = props;
  const isNumber = shapeOf(schema) === 'number';
  const text =
    value === undefined || value === null ? '' : value instanceof ExactNumber ? value.text : typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <Labelled props={props} wide={typeof schema['maxLength'] === 'number' && schema['maxLength'] > 200}>
      {(id, isBad, touch) => (
        <>
          <input
            id={id}
            list={known.length > 0 ? list : undefined}
            className={isBad ? 'in bad' : 'in'}
            inputMode={isNumber ? 'decimal' : 'text'}
            aria-invalid={isBad}
            aria-describedby={`${id}-hint`}
            value={text}
            onChange={(event) => {
              touch();
              onChange(isNumber ? numberOf(event.currentTarget.value) : event.currentTarget.value === '' ? undefined : event.currentTarget.value);
            }}
          />
          {known.length > 0 && (
            <datalist id={list}>
              {known.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Labelled>
  );
}

/** What is no number yet stays text, and the gateway says so. */
function numberOf(text: string): Value {
  if (text.trim() === '') return undefined;
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim()) ? (readExact(text.trim()) as Value) : text;
}

export function ChoiceField(props: FieldProps): JSX.Element {
  const { schema, value, onChange } = props;
  const needed = useNeeded(props);
  const values = Array.isArray(schema['enum']) ? schema['enum'] : [true, false];
  const at = values.findIndex((one) => one === value);
  return (
    <Labelled props={props}>
      {(id, isBad, touch) => (
        <select
          id={id}
          className={isBad ? 'in bad' : 'in'}
          aria-invalid={isBad}
          aria-describedby={`${id}-hint`}
          value={at < 0 ? (value === undefined ? '' : 'other') : String(at)}
          onChange={(event) => {
            touch();
            onChange(event.currentTarget.value === '' ? undefined : values[Number(event.currentTarget.value)]);
          }}
        >
          <option value="">{needed === '' ? 'left out' : needed === 'required' ? 'choose' : 'its default'}</option>
          {at < 0 && value !== undefined && <option value="other">{JSON.stringify(value)}</option>}
          {values.map((one, index) => (
            <option key={index} value={String(index)}>
              {typeof one === 'string' ? one : JSON.stringify(one)}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** Several fields under one name. */
export function Group({ props, children, end }: { props: FieldProps; children: ReactNode; end?: ReactNode }): JSX.Element {
  const { name, pointer, schema, value } = props;
  const needed = useNeeded(props);
  const members = Array.isArray(value) ? value.map((_, index) => String(index)) : Object.keys(propertiesOf(schema));
  const { shown } = useFaults(pointer, shapeOf(schema) === 'choices' ? undefined : members);
  const hint = limitWords(schema);
  return (
    <fieldset className="field all group-field">
      <legend className="l">
        {name}{' '}
        <span className="o">
          {needed}
          {hint !== '' && `${needed === '' ? '' : ', '}${hint.charAt(0).toLowerCase()}${hint.slice(1)}`}
        </span>
      </legend>
      {children}
      <FaultLines faults={inShort(shown, props)} pointer={pointer} />
      {end}
    </fieldset>
  );
}

export function ChoicesField(props: FieldProps): JSX.Element {
  const { schema, value, onChange, pointer } = props;
  const { touch } = useFaults(pointer);
  const items = isSchema(schema['items']) ? schema['items'] : {};
  const values = Array.isArray(items['enum']) ? items['enum'] : [];
  const chosen = Array.isArray(value) ? value : [];
  return (
    <Group props={props}>
      <div className="boxes">
        {values.map((one) => (
          <label key={JSON.stringify(one)}>
            <input
              type="checkbox"
              checked={chosen.includes(one)}
              onChange={(event) => {
                touch();
                // What the schema does not know stays, to be seen in the JSON and refused.
                const others = chosen.filter((other) => other !== one);
                const next = event.currentTarget.checked ? [...values.filter((other) => other === one || chosen.includes(other)), ...others.filter((other) => !values.includes(other))] : others; // prettier-ignore
                onChange(next.length === 0 && value === undefined ? undefined : next);
              }}
            />
            {typeof one === 'string' ? one : JSON.stringify(one)}
          </label>
        ))}
      </div>
    </Group>
  );
}

/** What no field fits. */
export function JsonField(props: FieldProps): JSX.Element {
  return (
    <Labelled props={props} wide>
      {(id, isBad, touch) => (
        <div id={id}>
          <JsonText
            value={props.value}
            onChange={(next) => {
              touch();
              props.onChange(next as Value);
            }}
            label={`${props.name}, as JSON`}
            invalid={isBad}
            least={2}
            most={10}
          />
        </div>
      )}
    </Labelled>
  );
}
