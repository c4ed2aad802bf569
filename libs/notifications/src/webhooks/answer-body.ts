import { type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Dispatcher } from 'undici';

/** The part of an answer that is stored. */
const MAX_ANSWER_BYTES = 2_000;
/** The part of an encoded (compressed) answer that is read. A few encoded bytes may decode to millions, and millions to none. */
const MAX_CODED_BYTES = 64 * 1024;
const MAX_CODINGS = 3;

type Decoder = NodeJS.ReadWriteStream & { destroy(): unknown };

/** The beginning of an answer as text: decoded, bounded, and in characters that `jsonb` accepts. An answer that breaks off or never ends gives its first part. */
export async function beginningOf({ headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>): Promise<string> {
  const codings = codingsOf(headers['content-encoding']);
  const coded = await take(body, codings.length === 0 ? MAX_ANSWER_BYTES : MAX_CODED_BYTES);
  if (codings.length > MAX_CODINGS) return `(${coded.length} bytes, coded ${codings.length} times)`;
  let content = coded;
  for (const coding of codings.reverse()) {
    const decoded = await decode(content, coding);
    if (decoded === undefined) return `(${coded.length} bytes, not readable as ${printable(coding).slice(0, 50)})`;
    content = decoded;
  }
  return printable(content.subarray(0, MAX_ANSWER_BYTES).toString('utf8'));
}

/** The text without characters that `jsonb` refuses. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}

function codingsOf(header: string | string[] | undefined): string[] {
  const codings = [header ?? []].flat().flatMap((value) => value.split(','));
  return codings.map((coding) => coding.trim().toLowerCase()).filter((coding) => coding !== '' && coding !== 'identity');
}

/** The beginning of the decoded content; undefined when nothing can be decoded. */
async function decode(content: Buffer, coding: string): Promise<Buffer | undefined> {
  if (content.length === 0) return content;
  const decoder = decoderOf(coding, content);
  if (!decoder) return undefined;
  decoder.end(content);
  const decoded = await take(decoder as unknown as Readable, MAX_CODED_BYTES);
  decoder.destroy();
  return decoded.length > 0 ? decoded : undefined;
}

/** A decoder that also decodes content whose end was cut off. */
function decoderOf(coding: string, content: Buffer): Decoder | undefined {
  const cut = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(cut);
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'deflate':
      // Some servers leave out the zlib header (RFC 9110, 8.4.1.2).
      return ((content[0] ?? 0) & 0x0f) === 8 ? createInflate(cut) : createInflateRaw(cut);
    default:
      return undefined;
  }
}

async function take(source: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= limit) break;
    }
  } catch {
    // The bytes before the error are kept.
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
