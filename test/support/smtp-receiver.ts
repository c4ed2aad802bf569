import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface SmtpReceiver {
  url: string;
  mails: ParsedMail[];
  /** The replies to the next `RCPT TO`s, for those that are not accepted. */
  refusals: { code: number; message: string }[];
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 that keeps what it is given. */
export async function smtpReceiver(): Promise<SmtpReceiver> {
  const mails: ParsedMail[] = [];
  const refusals: SmtpReceiver['refusals'] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo: (_, __, answer) => {
      const refusal = refusals.shift();
      answer(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
    },
    onData: (stream, _, answer) => {
      simpleParser(stream).then(
        (mail) => {
          mails.push(mail);
          answer();
        },
        (error: unknown) => answer(error as Error),
      );
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${String(port)}`, mails, refusals, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
