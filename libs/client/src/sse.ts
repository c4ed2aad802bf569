export interface ServerSentEvent {
  id: string | undefined;
  event: string;
  data: string;
}

/**
 * Reads `text/event-stream` as WHATWG HTML, 9.2.6, has it: lines ended by CR, LF or both, a BOM, comments, fields without a
 * colon. An event that was cut off before its blank line is dropped. `onBytes` is called for each chunk, also for heartbeats.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  { onBytes, onRetry }: { onBytes?: () => void; onRetry?: (ms: number) => void } = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let fields: { id?: string; event?: string; data: string[] } = { data: [] };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes?.();
      const lines = (rest + decoder.decode(value, { stream: true })).split(LINE_END);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (fields.data.length > 0) yield { id: fields.id, event: fields.event ?? 'message', data: fields.data.join('\n') };
          fields = { data: [] };
          continue;
        }
        const [name, text] = fieldOf(line);
        if (name === 'data') fields.data.push(text);
        else if (name === 'event') fields.event = text;
        else if (name === 'id' && !text.includes('\0')) fields.id = text;
        else if (name === 'retry' && /^\d{1,9}$/.test(text)) onRetry?.(Number(text));
      }
    }
  } finally {
    // A reader that stops before the end closes the connection too.
    await reader.cancel().catch(() => undefined);
  }
}

/** A CR at the end of a chunk does not match: its LF may be in the next chunk. */
const LINE_END = /\r\n|\n|\r(?!$)/;

function fieldOf(line: string): [name: string, text: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
