import fc from 'fast-check';
import { readEventStream, type ServerSentEvent } from './sse.js';

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(text: string, cuts: number[] = []): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const chunks = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
  return collect(readEventStream(streamOf(chunks)));
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('an event stream', () => {
  test('is read with its ids, types and data of several lines', async () => {
    await expect(read('id: 1\nevent: state\ndata: a\ndata:b\n\ndata\n\n')).resolves.toEqual([
      { id: '1', event: 'state', data: 'a\nb' },
      { id: undefined, event: 'message', data: '' },
    ]);
  });

  test('may have comments, unknown fields, a BOM, and events without data, which are none', async () => {
    await expect(read('\ufeff: hello\n\nevent: ping\n\nwhat: ever\ndata: x\n\n: beat\n\n')).resolves.toEqual([{ id: undefined, event: 'message', data: 'x' }]);
  });

  test('that is cut off gives no half event', async () => {
    await expect(read('data: whole\n\ndata: ha')).resolves.toEqual([{ id: undefined, event: 'message', data: 'whole' }]);
  });

  test('is the same wherever it is cut into chunks and however its lines end', async () => {
    const text = '\ufeffid: 1\nevent: progress\ndata: {"ü":"€😀"}\ndata: two\n\n: beat\n\nid: 2\ndata:  spaced\n\n';
    const whole = await read(text);
    expect(whole).toHaveLength(2);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(200), { maxLength: 8 }), async (lineEnd, cuts) => {
        // A last CR may be half of a line end, so something must follow it.
        expect(await read(`${text.replaceAll('\n', lineEnd)}:`, cuts)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('tells of the pause that the server asks for', async () => {
    const pauses: number[] = [];
    const stream = readEventStream(streamOf([new TextEncoder().encode('retry: 250\nretry: soon\n\n')]), { onRetry: (ms) => pauses.push(ms) });
    await collect(stream);
    expect(pauses).toEqual([250]);
  });
});
