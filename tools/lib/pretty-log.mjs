// Lines of the logs for people, by pino-pretty where it is installed. Elsewhere, and outside of `dev`, they stay the JSON that they are.

/** @returns {Promise<import('./supervisor.mjs').ShowLogs>} */
export async function prettyLog() {
  const pretty = await import('pino-pretty').catch(() => null);
  if (pretty === null) return true;
  const format = pretty.prettyFactory({
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'app,service,pid', // The line begins with the app, and of each app one process runs here.
    singleLine: true,
  });
  return (line) => format(line).trimEnd();
}
