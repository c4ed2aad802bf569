import type { JobId } from '@app/core';
import { STATUS_PARTS } from '@app/host';
import { NonRetryableError } from '@app/sdk';
import type { Transporter } from 'nodemailer';
import type { EmailConfig } from './email.config.js';
import { alertText } from './alert-text.js';
import { valuesOf } from './email-look.js';
import type { EmailJobView, EmailPayload } from './email.payload.js';
import { type EmailText, readTemplates, render, shownTime } from './templates.js';
import { mayReceive } from './recipients.js';

const TIMEOUT_MS = 30_000;

/** Hands e-mails to an SMTP server. */
export class EmailSender {
  private templates: Promise<EmailText> | undefined;

  private constructor(
    private readonly config: EmailConfig | null,
    private readonly transport: Transporter | undefined,
  ) {}

  /** Connects to SMTP_URL. nodemailer is loaded only where that is set. */
  static async open(config: EmailConfig | null): Promise<EmailSender> {
    if (!config) return new EmailSender(config, undefined);
    const { createTransport } = await import('nodemailer');
    const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    return new EmailSender(config, createTransport({ url: config.smtpUrl, ...timeouts, disableFileAccess: true, disableUrlAccess: true }));
  }

  /**
   * Resolves with the Message-ID when the server has accepted the e-mail. All e-mails about one outcome have the same id, so that a
   * repeat after a crash can be recognized. Throws `NonRetryableError` when the server refuses permanently.
   */
  async send({ to, messageId, job, alert }: EmailPayload): Promise<string> {
    const { config } = this;
    if (!config || !this.transport) throw new Error('expected SMTP_URL to be set in the process that sends e-mail, got none');
    // The job may have been accepted under other settings.
    if (!mayReceive(to, config))
      throw new NonRetryableError(`expected an address of a domain that EMAIL_ALLOW_DOMAINS names, got: ${to}`, { code: 'email_not_allowed' });
    const id = `<${messageId}@${domainOf(config.from)}>`;
    const text = alert ? alertText(alert, config.timezone) : await this.jobText(job as EmailJobView, config);
    try {
      // Addresses are objects, so that none is parsed out of text.
      await this.transport.sendMail({
        ...text,
        from: config.from,
        to: { name: '', address: to },
        messageId: id,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return id;
    } catch (error) {
      throw isFinal(error) ? new NonRetryableError((error as Error).message, { cause: error, code: 'email_rejected' }) : error;
    }
  }

  private async jobText(job: EmailJobView, config: EmailConfig): Promise<EmailText> {
    this.templates ??= readTemplates(config.templates);
    // A template that cannot be read now may be readable at the next attempt.
    const templates = await this.templates.catch((error: unknown) => {
      this.templates = undefined;
      throw error;
    });
    return render(templates, jobValues(job, config));
  }
}

/** A link works as long as one that is made when the job has ended. */
function pathOf({ id, finishedAt }: EmailJobView, { links, statusLinks, timezone }: EmailConfig): string {
  if (links === 'console') return `/console/jobs/${id}`;
  if (links === 'job') return `/jobs/${id}`;
  const until = (Date.parse(finishedAt) || Date.now()) + statusLinks.usualMs;
  return `/p/${statusLinks.token({ jobId: id as JobId, until, shows: links === 'result' ? STATUS_PARTS : [], title: null, timezone })}`;
}

const TONES = { succeeded: 'ok', failed: 'bad', cancelled: 'off' } as const;
const BECAME = { succeeded: 'has succeeded', failed: 'has failed', cancelled: 'was cancelled' };
/** Whoever gets a link to a status page knows of no kinds, ids and codes. */
const OF_REQUEST = { succeeded: 'Your request is ready', failed: 'Your request could not be completed', cancelled: 'Your request was cancelled' };
const BADGES = { succeeded: 'ready', failed: 'not completed', cancelled: 'cancelled' };
const SENTENCES = { succeeded: 'It was ready', failed: 'It was given up', cancelled: 'It was cancelled' };

function jobValues(job: EmailJobView, config: EmailConfig): Record<string, string> {
  const { id, kind, state, error, code = '', finishedAt } = job;
  const { links, timezone } = config;
  const forCustomer = links === 'status' || links === 'result';
  const became = BECAME[state];
  const finished = shownTime(finishedAt, timezone);
  return {
    ...{ id, kind, state, error, code, finishedAt, finished, became, zone: timezone },
    ...valuesOf(TONES[state]),
    ...(forCustomer ? {} : { shownId: id, shownCode: code }),
    badge: forCustomer ? BADGES[state] : state,
    heading: forCustomer ? OF_REQUEST[state] : `${kind} ${became}`,
    sentence: `${SENTENCES[state]} on ${finished}.`,
    action: links === 'result' && state === 'succeeded' ? 'See and download' : forCustomer ? 'See how it stands' : 'See the job',
    url: config.publicUrl + pathOf(job, config),
  };
}

/** Whether the server refuses permanently (RFC 5321: 5yz). Errors of the login do not count: the operator can fix them. */
function isFinal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500;
}

function domainOf(from: string): string {
  return /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? 'longhaul.invalid';
}
