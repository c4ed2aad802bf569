import { valuesOf } from './email-look.js';
import { readTemplates, render, shownTime } from './templates.js';

describe('the text of an e-mail', () => {
  it('leaves a part out whose value is empty, and escapes values in HTML only', async () => {
    const templates = await readTemplates(null);
    const values = { heading: 'a.b has failed', error: '<script>', finished: 'now', url: 'https://example.com/?a=1&b=2' };
    const failed = render(templates, values);
    expect(failed.text).toContain('<script>');
    expect(failed.html).toContain('>&lt;script&gt;</p>');
    expect(failed.html).toContain('href="https://example.com/?a=1&amp;b=2"');
    const succeeded = render(templates, { ...values, error: '' });
    expect(succeeded.html).not.toContain('e-quote e-t');
    expect(succeeded.text).not.toContain('{{');
  });

  it('is laid out for people, in the design of the console: product, state, a button, both colour schemes, and nothing that is loaded (C36)', async () => {
    const values = {
      ...valuesOf('bad'),
      ...{ heading: 'a.b has failed', badge: 'failed', sentence: 'It was given up on 28 November 2026 at 10:14 Europe/Berlin.', zone: 'Europe/Berlin' },
      ...{ shownCode: 'timeout', shownId: '1', finished: '28 November 2026 at 10:14 Europe/Berlin', action: 'See the job', url: 'https://example.com/jobs/1' },
    };
    const { html, text, subject } = render(await readTemplates(null), values);
    for (const part of ['>Longhaul</td>', 'role="presentation"', 'background:#fdeae3;color:#b0350f', '10:14 Europe/Berlin', '>See the job</a>', 'timeout'])
      expect(html).toContain(part);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).not.toMatch(/<script|<img|<link|url\(|src=|\{\{/);
    expect([subject, text.split('\n')[0]]).toEqual(['a.b has failed', 'a.b has failed.']);
    expect(text).toContain('https://example.com/jobs/1');
  });

  it('has times of a zone, in words', () => {
    expect(shownTime('2026-11-28T09:14:00Z', 'Europe/Berlin')).toBe('28 November 2026 at 10:14 Europe/Berlin');
    expect(shownTime('2026-11-28T09:14:00Z', 'UTC')).toBe('28 November 2026 at 09:14 UTC');
    expect(shownTime('soon', 'UTC')).toBe('soon');
  });

  it('keeps the subject on one line, and does not fill in what values themselves say', () => {
    const { subject } = render({ subject: ' {{a}}\n{{b}} ', text: '', html: '' }, { a: '{{b}}\r\nBcc: x', b: '$&' });
    expect(subject).toBe('{{b}} Bcc: x $&');
  });
});
