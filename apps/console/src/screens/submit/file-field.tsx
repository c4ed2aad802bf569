import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type JSX, useEffect, useRef, useState } from 'react';
import { api } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { ErrorNote, Meter } from '../../parts/parts';
import { bytes } from '../../words/words';
import { type FieldProps, TextField } from './field-parts';
import { useFaults } from './faults';
import { upload } from './upload';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of a stored file: it is dropped or chosen, sent at once, and its id is the value. */
export function FileField(props: FieldProps): JSX.Element {
  const { value, onChange, pointer } = props;
  const may = useMay();
  const { touch } = useFaults(pointer);
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<{ file: File; share: number; stop: AbortController } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => () => sending?.stop.abort(), [sending?.stop]);
  // Other fields may be written meanwhile: the form as it was when the upload began must not come back.
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  const send = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const stop = new AbortController();
    setError(null);
    setSending({ file, share: 0, stop });
    try {
      const stored = await upload(file, (share) => setSending({ file, share, stop }), stop.signal);
      touch();
      latest.current(stored.id);
    } catch (caught) {
      if (!stop.signal.aborted) setError(caught);
    } finally {
      setSending(null);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };
  return (
    <div className="all file-field">
      <TextField {...props} />
      {may('files:write') && (
        <div
          className={isOver ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <Icon name="file" className="i dim" />
          {sending ? (
            <span className="row grow" role="status">
              <span className="cut">{sending.file.name}</span>
              <Meter share={sending.share} />
              <span className="nowrap small mid">of {bytes(sending.file.size)}</span>
              <button type="button" className="btn tiny" onClick={() => sending.stop.abort()}>
                Stop
              </button>
            </span>
          ) : (
            <>
              <span className="grow small mid">
                {typeof value === 'string' && UUID.test(value) ? <Stored id={value} /> : 'Drop a file here. It is stored, and the job gets its id.'}
              </span>
              <button type="button" className="btn tiny" onClick={() => input.current?.click()}>
                Choose a file…
              </button>
            </>
          )}
          <input
            ref={input}
            type="file"
            hidden
            aria-label={`File for ${props.name}`}
            onChange={(event) => {
              void send(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </div>
      )}
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
}

/** What the id names, so that it is seen whether it is the right one. */
function Stored({ id }: { id: string }): JSX.Element {
  const may = useMay();
  const { data, error } = useQuery({
    queryKey: ['file', id],
    queryFn: ({ signal }) => api('GET /files/{id}', { path: { id } }, signal),
    enabled: may('files:read'),
  });
  if (error) return <span className="bad">There is no such file.</span>;
  return data ? (
    <>
      <b>{data.name}</b>, {bytes(data.size)}
    </>
  ) : (
    <>Stored.</>
  );
}
