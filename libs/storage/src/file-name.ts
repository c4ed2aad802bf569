const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(\s*;\s*[\w!#$&^.+-]+=("[^"\\\r\n]*"|[\w!#$&^.+-]+))*$/;

/**
 * The stored name of an uploaded file: its last path part, without control characters and unpaired surrogates (which
 * PostgreSQL cannot store), at most 255 characters; `file` when nothing is left. It is never used as a path.
 */
export function cleanFileName(name: string): string {
  const wellFormed = Buffer.from(name, 'utf8').toString('utf8');
  const last = wellFormed.split(/[/\\]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex -- the expression removes control characters
  const clean = last.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  if (clean === '' || clean === '.' || clean === '..') return 'file';
  return [...clean].slice(0, 255).join('');
}

/** The given media type when its form is valid, else `application/octet-stream`. */
export function cleanMediaType(mediaType: string): string {
  const trimmed = mediaType.trim();
  return trimmed.length <= 255 && MEDIA_TYPE.test(trimmed) ? trimmed : 'application/octet-stream';
}
