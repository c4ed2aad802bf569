/**
 * A `Content-Disposition` for a file of any name, after RFC 6266: an ASCII `filename` that every client understands,
 * and where that says less than the name, `filename*` in RFC 8187's encoding.
 */
export function contentDisposition(kind: 'attachment' | 'inline', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\%]/g, '_');
  const plain = `${kind}; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encodeExtended(name)}`;
}

/** Encodes a name. RFC 8187 leaves fewer characters unencoded than encodeURIComponent does. */
function encodeExtended(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
