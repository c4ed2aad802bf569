import { domainToASCII } from 'node:url';
import { ConfigError, type Environment, type StatusLinks, statusLinks, type Variables } from '@app/host';
import { cronPatterns } from '@app/sdk';
import { recipientFault } from './recipients.js';

export const EMAIL_VARIABLES: readonly Variables[] = [
  { names: ['SMTP_URL', 'EMAIL_FROM', 'EMAIL_TEMPLATES'], text: '[E-mail](../learn/email.md). Without `SMTP_URL` there is none' },
  { names: ['EMAIL_ALLOW_DOMAINS'], text: 'Domains that e-mails may go to. Empty: all' },
  { names: ['EMAIL_PER_HOUR'], text: 'E-mails that one address gets' },
  { names: ['ALERT_EMAILS'], default: 'nobody', text: 'Who is told by e-mail of what is [not well](../operate/alerts.md)' },
  {
    names: ['EMAIL_LINKS'],
    text: 'What e-mails about jobs link to: `console`, the job there; `job`, a page of it without the console, for readers who can reach the gateway; `status`, a [status page](../operate/status-pages.md) that anyone can open; `result`, one with its result and files',
  },
  { names: ['EMAIL_TIMEZONE'], text: 'The time zone of the times in e-mails, and of the status pages that they link to, such as `Europe/Berlin`' },
  { names: ['EMAIL_ERROR_TEXT'], text: "`1`: e-mails have the text of a job's error" },
];

const LINKS = ['console', 'job', 'status', 'result'] as const;
export type EmailLinks = (typeof LINKS)[number];

/** What the folder of e-mail reads of the environment. */
export interface EmailConfig {
  /** The URL of the gateway for its callers, which e-mails link to. */
  publicUrl: string;
  smtpUrl: string;
  from: string;
  /** A folder with `subject.txt`, `text.txt` or `html.html`, used in place of the built-in templates. */
  templates: string | null;
  /** The domains that may receive e-mails; `*.` before a domain allows its subdomains. Empty allows all. */
  allowDomains: readonly string[];
  /** Whether e-mails have the text of a job's error. It may be meant for operators only, and a caller may have chosen it. */
  errorText: boolean;
  /** What an e-mail about a job links to. */
  links: EmailLinks;
  statusLinks: StatusLinks;
  /** Of the times in e-mails. */
  timezone: string;
  /** The limit of e-mails to one address in an hour. */
  perHour: number;
}

/** Null when no e-mail is sent: a submission that asks for one is then refused. Throws a `ConfigError` that names the wrong variable. */
export function emailConfig(env: Environment, publicUrl: string | null): EmailConfig | null {
  if (env.text('SMTP_URL', '') === '') return null;
  const smtpUrl = env.url('SMTP_URL', ['smtp', 'smtps'], '');
  const from = env.text('EMAIL_FROM', '');
  if (!/^[^\r\n]*@[^\r\n]*$/.test(from))
    throw new ConfigError('EMAIL_FROM', 'an address such as Longhaul <jobs@example.com>, because SMTP_URL is set', from || undefined);
  if (publicUrl === null) throw new ConfigError('PUBLIC_URL', 'set, because SMTP_URL is: e-mails link to it', undefined);
  return {
    publicUrl,
    smtpUrl,
    from,
    templates: env.text('EMAIL_TEMPLATES', '') || null,
    allowDomains: env.list('EMAIL_ALLOW_DOMAINS', /^([*][.])?[\p{L}\p{N}-]+([.][\p{L}\p{N}-]+)*$/u).map(asciiDomain),
    errorText: env.flag('EMAIL_ERROR_TEXT'),
    ...linksOf(env),
    timezone: zoneOf(env),
    perHour: env.integer('EMAIL_PER_HOUR', 1, 100_000, 60),
  };
}

/** The addresses of operators. Throws a `ConfigError` where e-mail may not go to one of them, or to none at all. */
export function alertEmails(env: Environment, config: EmailConfig | null): string[] {
  const emails = env.list('ALERT_EMAILS', /^[^\s@]+@[^\s@]+$/);
  for (const email of emails) {
    const fault = recipientFault(email, config);
    if (fault !== undefined) throw new ConfigError('ALERT_EMAILS', 'addresses that e-mail may go to', `${email}, which ${fault}`);
  }
  return emails;
}

function linksOf(env: Environment): Pick<EmailConfig, 'links' | 'statusLinks'> {
  const statuses = statusLinks(env);
  const links = env.oneOf('EMAIL_LINKS', LINKS, 'console');
  if ((links === 'status' || links === 'result') && !statuses.areOn)
    throw new ConfigError('EMAIL_LINKS', 'console or job while LONGHAUL_SECRET_KEYS is not set, for status links are sealed with its first key', links);
  return { links, statusLinks: statuses };
}

function zoneOf(env: Environment): string {
  const zone = env.text('EMAIL_TIMEZONE', 'UTC');
  if (!cronPatterns.isZone(zone)) throw new ConfigError('EMAIL_TIMEZONE', 'the name of a time zone, such as Europe/Berlin', zone);
  return zone;
}

function asciiDomain(domain: string): string {
  return domain.startsWith('*.') ? `*.${domainToASCII(domain.slice(2))}` : domainToASCII(domain);
}
