import { domainToASCII } from 'node:url';

/** Matches one plain mailbox: no display name, quotes, lists or line breaks, with which a caller could write more into a header. */
const MAILBOX = /^[^\s"(),:;<>@[\\\]\p{C}]{1,64}@(?=.{1,253}$)[^\s"(),:;<>@[\\\]\p{C}.]+(\.[^\s"(),:;<>@[\\\]\p{C}.]+)*$/u;

/** The domains that e-mails may go to; empty for all. */
interface Domains {
  allowDomains: readonly string[];
}

/** What is wrong with an address that an e-mail shall go to; `config` is null where no e-mail is sent. */
export function recipientFault(address: string, config: Domains | null): string | undefined {
  if (config === null) return 'cannot be used: this Longhaul sends no e-mail, for SMTP_URL is not set';
  if (!MAILBOX.test(address)) return 'must be one e-mail address, without a name';
  return mayReceive(address, config) ? undefined : 'must be an address of a domain that EMAIL_ALLOW_DOMAINS names';
}

/** Whether e-mails may go to this address, by its domain. */
export function mayReceive(address: string, { allowDomains }: Domains): boolean {
  if (allowDomains.length === 0) return true;
  const domain = domainToASCII(address.slice(address.lastIndexOf('@') + 1));
  return allowDomains.some((allowed) => (allowed.startsWith('*.') ? domain.endsWith(allowed.slice(1)) : domain === allowed));
}
