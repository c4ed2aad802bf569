import { PATH, type SubmitJob, writeExact } from '../../api/api';
import { quoted } from '../../words/quoted';

/** The call that does the same, to copy. */
export function curlOf(body: SubmitJob, headers: Readonly<Record<string, string>>, hasAuth: boolean): string {
  return [
    `curl -i ${location.origin}${PATH}/jobs`,
    ...(hasAuth ? ['-H "authorization: Bearer $LONGHAUL_KEY"'] : []),
    ...Object.entries({ 'content-type': 'application/json', ...headers }).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `-d ${quoted(writeExact(body, 2))}`,
  ].join(' \\\n  ');
}
