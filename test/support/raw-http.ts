import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: Buffer;
}

const LONGEST_HEAD = 32_768;

/**
 * Sends bytes as they are and gives back what came until the server closed; undefined where it closed without an answer. With `headOfStreams`, a stream of
 * events counts as ended once its head has come: most have no end.
 */
export async function rawHttp(url: string, bytes: Uint8Array, { end = true, timeoutMs = 20_000, headOfStreams = false } = {}): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(url);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`expected an end within ${String(timeoutMs)} ms, got: ${Buffer.concat(chunks).subarray(0, 500).toString('latin1')}`));
    }, timeoutMs);
    socket
      .on('data', (chunk) => {
        chunks.push(chunk);
        if (headOfStreams && isStream(Buffer.concat(chunks))) socket.destroy();
      })
      // A reset after the answer is an answer: what the server refused unread it need not take.
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    socket.write(bytes);
    if (end) socket.end();
  });
  return parseAnswer(Buffer.concat(chunks));
}

/** Its head may stand behind `100 Continue`. */
function isStream(bytes: Buffer): boolean {
  return /\r\ncontent-type: *text\/event-stream.*?\r\n\r\n/is.test(bytes.subarray(0, LONGEST_HEAD).toString('latin1'));
}

function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  if (bytes.length === 0) return undefined;
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...lines] = bytes
    .subarray(0, end < 0 ? bytes.length : end)
    .toString('latin1')
    .split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(line)?.[1];
  if (status === undefined) throw new Error(`expected an HTTP answer, got: ${line.slice(0, 200)}`);
  // 100 Continue comes before the answer.
  if (status.startsWith('1')) return parseAnswer(bytes.subarray(end + 4));
  const headers = new Map(
    lines.map((header): [string, string] => [header.slice(0, header.indexOf(':')).toLowerCase(), header.slice(header.indexOf(':') + 1).trim()]),
  );
  const rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  return { status: Number(status), headers, body: headers.get('transfer-encoding') === 'chunked' ? dechunked(rest) : rest };
}

function dechunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    const size = line < 0 ? 0 : Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
