import { domainToASCII } from 'node:url';
import { type Fault, readHttpUrl, type SubmitOptions } from '@app/core';
import { allowsHost, assertPublicHost, portOf } from '@app/sdk';
import type { EmailConfig, NotificationsConfig, WebhookConfig } from './notifications.config.js';

/** Matches one plain mailbox: no display name, quotes, lists or line breaks, with which a caller could write more into a header. */
const MAILBOX = /^[^\s"(),:;<>@[\\\]\p{C}]{1,64}@(?=.{1,253}$)[^\s"(),:;<>@[\\\]\p{C}.]+(\.[^\s"(),:;<>@[\\\]\p{C}.]+)*$/u;

/** The faults of the addresses that a caller wants the outcome sent to. A submission with a fault is refused. */
export function checkTelling({ callbackUrl, notifyEmail }: SubmitOptions, config: NotificationsConfig): Fault[] {
  const faults: Fault[] = [];
  const url = callbackUrl === undefined ? undefined : receiverFault(callbackUrl, config.webhooks);
  if (url !== undefined) faults.push({ pointer: '/options/callbackUrl', detail: url });
  if (notifyEmail !== undefined) {
    if (config.email === null)
      faults.push({ pointer: '/options/notifyEmail', detail: 'cannot be used: this Longhaul sends no e-mail, for SMTP_URL is not set' });
    else if (!MAILBOX.test(notifyEmail)) faults.push({ pointer: '/options/notifyEmail', detail: 'must be one e-mail address, without a name' });
    else if (!mayReceive(notifyEmail, config.email))
      faults.push({ pointer: '/options/notifyEmail', detail: 'must be an address of a domain that EMAIL_ALLOW_DOMAINS names' });
  }
  return faults;
}

/** Whether e-mails may go to this address, by its domain. */
export function mayReceive(address: string, { allowDomains }: Pick<EmailConfig, 'allowDomains'>): boolean {
  if (allowDomains.length === 0) return true;
  const domain = domainToASCII(address.slice(address.lastIndexOf('@') + 1));
  return allowDomains.some((allowed) => (allowed.startsWith('*.') ? domain.endsWith(allowed.slice(1)) : domain === allowed));
}

/** Why webhooks are never sent to this URL, judged by its text alone; undefined when they may be. Its host is resolved and checked again for each request. */
export function receiverFault(text: string, { policy, requireHttps }: Pick<WebhookConfig, 'policy' | 'requireHttps'>): string | undefined {
  const read = readHttpUrl(text);
  if ('fault' in read) return read.fault;
  const { url } = read;
  if (requireHttps && url.protocol !== 'https:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (/^(.+\.)?localhost\.?$/.test(url.hostname) && !allowsHost(policy, url.hostname, portOf(url))) return 'must not be a host of the inner network';
  try {
    assertPublicHost(url, policy);
    return undefined;
  } catch {
    return 'must not be an address of the inner network, which is not a public address';
  }
}
