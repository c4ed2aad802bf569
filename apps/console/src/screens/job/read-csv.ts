/** The rows of a CSV with commas, as Longhaul writes them. `isCut`: the text ends somewhere, so its last row is not whole. */
export function readCsv(text: string, isCut: boolean): string[][] {
  const rows: string[][] = [[]];
  let value = '';
  let isQuoted = false;
  const end = (): void => {
    rows.at(-1)?.push(value);
    value = '';
  };
  const body = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < body.length; at++) {
    const one = body.charAt(at);
    if (isQuoted) {
      if (one !== '"') value += one;
      else if (body.charAt(at + 1) === '"') value += body.charAt(++at);
      else isQuoted = false;
    } else if (one === '"') isQuoted = true;
    else if (one === ',') end();
    else if (one === '\n') {
      end();
      rows.push([]);
    } else if (one !== '\r') value += one;
  }
  if (isCut) rows.pop();
  else if (value !== '' || (rows.at(-1)?.length ?? 0) > 0) end();
  else rows.pop();
  return rows;
}
