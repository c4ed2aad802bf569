import type { EmailAlertView } from './email.payload.js';
import { buttonRow, emailHtml, factRow, lineRow, linkRow, valuesOf } from './email-look.js';
import { type EmailText, render, shownTime } from './templates.js';

const ALERT: EmailText = {
  subject: '{{badge}}: {{message}}',
  text: `{{message}}

{{#fix}}What to do: {{fix}}.

{{/fix}}Since     {{since}}
{{#ended}}Ended     {{ended}}
{{/ended}}Rule      {{rule}}

{{link}}

You get this e-mail because ALERT_EMAILS names your address.
`,
  html: emailHtml({
    title: '{{badge}}',
    preview: '{{message}}',
    badge: '{{badge}}',
    heading: '{{message}}',
    rows: [
      `{{#fix}}${lineRow('What to do: {{fix}}.')}{{/fix}}`,
      buttonRow('See it in the console', '{{link}}'),
      factRow('Since', '{{since}}'),
      `{{#ended}}${factRow('Ended', '{{ended}}')}{{/ended}}`,
      factRow('Rule', '<span style="font-family:Menlo,Consolas,monospace;font-size:12px">{{rule}}</span>'),
      linkRow('The button leads here:', '{{link}}'),
    ].join(''),
    why: 'You get this e-mail because ALERT_EMAILS names your address. Times are of {{zone}}.',
  }),
};

/** The e-mail that tells an operator of an alert. */
export function alertText({ rule, level, message, fix, link, openedAt, endedAt }: EmailAlertView, timeZone: string): EmailText {
  const ended = endedAt === null ? '' : shownTime(endedAt, timeZone);
  return render(ALERT, {
    ...{ rule, message, link, ended, zone: timeZone },
    ...valuesOf(ended !== '' ? 'ok' : level === 'error' ? 'bad' : 'wait'),
    badge: ended === '' ? `Longhaul ${level}` : 'It is over',
    fix: ended === '' ? fix.replaceAll('`', '') : '',
    since: shownTime(openedAt, timeZone),
  });
}
