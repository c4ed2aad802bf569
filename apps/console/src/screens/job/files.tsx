import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { api, ApiError, PATH } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { Card, ErrorNote, Loading } from '../../parts/parts';
import { bytes, count } from '../../words/words';
import { readCsv } from './read-csv';

interface FoundFile {
  name: string;
  url: string;
}

const MOST_FILES = 50;

/** The stored files that a result names. Nothing else in a result becomes a link. */
export function filesIn(result: unknown): FoundFile[] {
  const found: FoundFile[] = [];
  const look = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null || found.length >= MOST_FILES) return;
    const { url, name: given } = value as { url?: unknown; name?: unknown };
    if (typeof url === 'string' && url.startsWith(`${PATH}/files/`) && /^[\w/.-]+$/.test(url))
      found.push({ url, name: typeof given === 'string' ? given : name });
    else for (const [key, one] of Object.entries(value)) look(one, key);
  };
  look(result, 'file');
  return found;
}

export function Files({ files }: { files: readonly FoundFile[] }): JSX.Element | null {
  if (files.length === 0) return null;
  return (
    <Card title="Files" note={count(files.length, 'file')} ruled>
      <ul>
        {files.map((file) => (
          <FileRow key={file.url} file={file} />
        ))}
      </ul>
    </Card>
  );
}

/** What a browser shows by itself. A CSV it would only download: its first rows are shown here. */
const OPENED = /^(text\/(html|plain)|application\/(pdf|json)|image\/)/;

function FileRow({ file: { url, name } }: { file: FoundFile }): JSX.Element {
  const [isShown, setShown] = useState(false);
  const id = url.slice(`${PATH}/files/`.length).split('/')[0] ?? '';
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['file', id],
    queryFn: ({ signal }) => api('GET /files/{id}', { path: { id } }, signal),
    enabled: may('files:read'),
    staleTime: Infinity,
  });
  const shown = data?.name ?? name;
  return (
    <li>
      <div className="file">
        <Icon name="file" className="i dim" />
        <span className="grow cut">
          <b>{shown}</b>
        </span>
        {data && <span className="small mid nowrap">{bytes(data.size)}</span>}
        {data?.mediaType.startsWith('text/csv') && (
          <button type="button" className="btn tiny" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide rows' : 'Show rows'}
          </button>
        )}
        {data && OPENED.test(data.mediaType) && (
          <a className="btn tiny" href={`${url}?disposition=inline`} target="_blank" rel="noreferrer">
            Open
          </a>
        )}
        <a className="btn tiny square" href={url} download aria-label={`Download ${shown}`}>
          <Icon name="download" />
        </a>
      </div>
      {isShown && <Rows url={url} name={shown} size={data?.size ?? 0} />}
    </li>
  );
}

/** Enough for the first rows of a table; a file may have gigabytes. */
const LOOKED_AT = 65_536;
const MOST_ROWS = 20;
const MOST_COLUMNS = 12;

function Rows({ url, name, size }: { url: string; name: string; size: number }): JSX.Element {
  const { data, error } = useQuery({
    queryKey: ['file-beginning', url],
    queryFn: async ({ signal }) => {
      const response = await fetch(url, { headers: { range: `bytes=0-${String(LOOKED_AT - 1)}` }, signal });
      if (!response.ok) throw new ApiError(response.status, undefined, 'The file could not be read.');
      return readCsv(await response.text(), size > LOOKED_AT);
    },
    staleTime: Infinity,
  });
  if (error) return <ErrorNote error={error} />;
  if (!data) return <Loading what="the first rows" />;
  const [heads = [], ...rows] = data.map((row) => row.slice(0, MOST_COLUMNS));
  const wide = (data[0]?.length ?? 0) - heads.length;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label={`First rows of ${name}`}>
        <table className="rows stack">
          <thead>
            <tr>
              {heads.map((head, index) => (
                <th key={index} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row, index) => (
              <tr key={index}>
                {row.map((value, column) => (
                  <td key={column} data-l={heads[column]} className={value.length > 24 ? 'full' : undefined} title={value}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small dim pad">
        {rows.length > MOST_ROWS || size > LOOKED_AT ? `The first ${count(Math.min(rows.length, MOST_ROWS), 'row')}` : `All ${count(rows.length, 'row')}`}
        {wide > 0 && `, without ${count(wide, 'more column')}`}.{(wide > 0 || rows.length > MOST_ROWS || size > LOOKED_AT) && ' All of it is in the download.'}
      </p>
    </>
  );
}
