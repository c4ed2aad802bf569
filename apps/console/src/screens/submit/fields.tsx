import { type JSX, useContext, useState } from 'react';
import { ExactNumber } from '../../api/exact';
import { Icon } from '../../parts/icon';
import { FileField } from './file-field';
import { escaped, FaultLines, Faults, useFaults } from './faults';
import { ChoiceField, ChoicesField, type FieldProps, Group, JsonField, TextField } from './field-parts';
import { emptyOf, isRequired, isSchema, type Members, propertiesOf, shapeOf, type Value, withMember } from './schema';

/** An object with more fields than this that need not be given shows them on demand. */
const MANY = 12;
const NAMED = 4;

/** The fields of an object, one for each of its properties. */
export function ObjectFields(props: Pick<FieldProps, 'schema' | 'pointer' | 'onChange'> & { value: Members }): JSX.Element {
  const { schema, pointer } = props;
  const { hasDefault } = useContext(Faults);
  const names = Object.keys(propertiesOf(schema));
  const { shown } = useFaults(pointer, names);
  const optional = names.filter((name) => !isRequired(schema, name) || hasDefault(`${pointer}/${escaped(name)}`));
  const later = optional.length > MANY ? optional : [];
  return (
    <div className="payload-fields">
      <FieldsOf {...props} names={names.filter((name) => !later.includes(name))} />
      {later.length > 0 && <LaterFields {...props} names={later} />}
      {names.length === 0 && <p className="small mid">It takes nothing.</p>}
      {shown.length > 0 && (
        <div className="all">
          <FaultLines faults={shown} pointer={pointer} />
        </div>
      )}
    </div>
  );
}

type Some = Parameters<typeof ObjectFields>[0] & { names: readonly string[] };

function FieldsOf({ schema, pointer, value, onChange, names }: Some): JSX.Element {
  const properties = propertiesOf(schema);
  return (
    <>
      {names.map((name) => (
        <Field
          key={name}
          schema={properties[name] ?? {}}
          name={name}
          pointer={`${pointer}/${escaped(name)}`}
          required={isRequired(schema, name)}
          value={value[name]}
          onChange={(next) => onChange(withMember(schema, value, name, next) as Value)}
        />
      ))}
    </>
  );
}

/** Open where one of them is given or refused: what is wrong is never hidden. */
function LaterFields(props: Some): JSX.Element {
  const { pointer, value, names } = props;
  const { faults, isShown } = useContext(Faults);
  const [isOpen, setOpen] = useState(() => names.some((name) => value[name] !== undefined));
  const isRefused = names.some((name) => {
    const own = `${pointer}/${escaped(name)}`;
    return isShown(own) && faults.some(({ pointer: at }) => at === own || at.startsWith(`${own}/`));
  });
  const others = names.length - NAMED;
  return (
    <details className="more-fields all" open={isOpen || isRefused} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        More: {names.slice(0, NAMED).join(', ')} and {others} others
      </summary>
      <div className="payload-fields">
        <FieldsOf {...props} />
      </div>
    </details>
  );
}

function Field(props: FieldProps): JSX.Element {
  const { schema, value } = props;
  const shape = shapeOf(schema);
  // What was written as JSON may be something else than the schema wants: it stays as it is, and can be mended there.
  if (shape === 'object') return value === undefined || isSchema(value) ? <ObjectField {...props} /> : <JsonField {...props} />;
  if (shape === 'list') return value === undefined || Array.isArray(value) ? <ListField {...props} /> : <JsonField {...props} />;
  if (shape === 'choices') return value === undefined || Array.isArray(value) ? <ChoicesField {...props} /> : <JsonField {...props} />;
  if (shape === 'choice' || shape === 'flag') return <ChoiceField {...props} />;
  if (shape === 'json' || (typeof value === 'object' && value !== null && !(value instanceof ExactNumber))) return <JsonField {...props} />;
  return isFileId(props) ? <FileField {...props} /> : <TextField {...props} />;
}

/** By its name: a schema has no word for it. */
function isFileId({ name, schema }: FieldProps): boolean {
  return schema['format'] === 'uuid' && /^fileId$|FileId$/.test(name);
}

function ObjectField(props: FieldProps): JSX.Element {
  const { schema, pointer, required, value, onChange } = props;
  const members = isSchema(value) ? value : {};
  return (
    <Group props={props}>
      <div className="inner">
        <ObjectFields
          schema={schema}
          pointer={pointer}
          value={members}
          onChange={(next) => onChange(!required && isSchema(next) && Object.keys(next).length === 0 ? undefined : next)}
        />
      </div>
    </Group>
  );
}

function ListField(props: FieldProps): JSX.Element {
  const { schema, name, pointer, value, onChange } = props;
  const items = isSchema(schema['items']) ? schema['items'] : {};
  const members: Value[] = Array.isArray(value) ? value : [];
  const { touch } = useFaults(pointer);
  const change = (next: Value[]): void => {
    touch();
    onChange(next as Value);
  };
  const set = (index: number, next: Value): void => change(members.map((member, at) => (at === index ? (next ?? emptyOf(items)) : member)));
  return (
    <Group
      props={props}
      end={
        <button type="button" className="btn tiny" onClick={() => change([...members, emptyOf(items)])}>
          <Icon name="plus" />
          Add to {name}
        </button>
      }
    >
      {members.map((member, index) => (
        <div key={index} className="member">
          {shapeOf(items) === 'object' && isSchema(member) ? (
            <ObjectFields schema={items} pointer={`${pointer}/${String(index)}`} value={member} onChange={(next) => set(index, next)} />
          ) : (
            <Field
              schema={items}
              name={`${name} ${String(index + 1)}`}
              pointer={`${pointer}/${String(index)}`}
              required={false}
              value={member}
              onChange={(next) => set(index, next)}
            />
          )}
          <button
            type="button"
            className="btn quiet tiny square"
            aria-label={`Remove ${name} ${String(index + 1)}`}
            onClick={() => change(members.filter((_, at) => at !== index))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </Group>
  );
}
