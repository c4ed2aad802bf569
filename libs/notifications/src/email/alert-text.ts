import type { EmailAlertView } from './email.payload.js';
import { emailHtml, type EmailText, render, shownTime } from './templates.js';

const ALERT: EmailText = {
  subject: '{{mark}}: {{message}}',
  text: `{{message}}

{{#fix}}What to do: {{fix}}.

{{/fix}}Since     {{since}}
{{#ended}}Ended     {{ended}}
{{/ended}}Rule      {{rule}}

{{link}}

You get this e-mail because ALERT_EMAILS names your address.
`,
  html: emailHtml(
    '{{mark}}',
    `<p style="margin:0 0 4px;font-size:13px;font-weight:600;color:{{color}}">{{mark}}</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;word-break:break-word">{{message}}</h1>
{{#fix}}<p style="margin:0 0 16px"><b>What to do.</b> {{fix}}.</p>
{{/fix}}<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 24px;font-size:14px">
<tr><td style="padding:3px 20px 3px 0;color:#667085">Since</td><td>{{since}}</td></tr>
{{#ended}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Ended</td><td>{{ended}}</td></tr>
{{/ended}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Rule</td><td style="font-family:Menlo,Consolas,monospace;font-size:13px">{{rule}}</td></tr>
</table>
<p style="margin:0;font-size:13px;color:#667085;word-break:break-all"><a href="{{link}}">{{link}}</a></p>
`,
    'You get this e-mail because ALERT_EMAILS names your address.',
  ),
};

const COLORS = { error: '#b42318', warning: '#b54708', ended: '#1a7f37' };

/** The e-mail that tells an operator of an alert. */
export function alertText({ rule, level, message, fix, link, openedAt, endedAt }: EmailAlertView): EmailText {
  const ended = endedAt === null ? '' : shownTime(endedAt);
  return render(ALERT, {
    ...{ rule, message, link, ended },
    mark: ended === '' ? `Longhaul ${level}` : 'It is over',
    fix: ended === '' ? fix.replaceAll('`', '') : '',
    since: shownTime(openedAt),
    color: COLORS[ended === '' ? level : 'ended'],
  });
}
