import type { EmailAlertView } from './email.payload.js';
import { type EmailText, render, shownTime } from './templates.js';

/** The same frame as the e-mail of a job. */
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
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>{{mark}}</title>
</head>
<body style="margin:0;background:#f2f4f7;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1d2939">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border:1px solid #e4e7ec;border-radius:8px">
<tr><td style="height:4px;line-height:4px;background:{{color}};border-radius:8px 8px 0 0">&nbsp;</td></tr>
<tr><td style="padding:28px 32px">
<p style="margin:0 0 4px;font-size:13px;font-weight:600;color:{{color}}">{{mark}}</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;word-break:break-word">{{message}}</h1>
{{#fix}}<p style="margin:0 0 16px"><b>What to do.</b> {{fix}}.</p>
{{/fix}}<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 24px;font-size:14px">
<tr><td style="padding:3px 20px 3px 0;color:#667085">Since</td><td>{{since}}</td></tr>
{{#ended}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Ended</td><td>{{ended}}</td></tr>
{{/ended}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Rule</td><td style="font-family:Menlo,Consolas,monospace;font-size:13px">{{rule}}</td></tr>
</table>
<p style="margin:0;font-size:13px;color:#667085;word-break:break-all"><a href="{{link}}">{{link}}</a></p>
</td></tr>
</table>
<p style="max-width:560px;margin:16px 0 0;font-size:12px;color:#667085">You get this e-mail because ALERT_EMAILS names your address.</p>
</td></tr></table>
</body></html>
`,
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
