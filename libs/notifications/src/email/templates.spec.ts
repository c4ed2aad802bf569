import { readTemplates, render } from './templates.js';

describe('the text of an e-mail', () => {
  it('leaves a part out whose value is empty, and escapes values in HTML only', async () => {
    const templates = await readTemplates(null);
    const values = { kind: 'a.b', became: 'has failed', error: '<script>', finishedAt: 'now', url: 'https://example.com/?a=1&b=2' };
    const failed = render(templates, values);
    expect(failed.text).toContain('<script>');
    expect(failed.html).toContain('<p>&lt;script&gt;</p>');
    expect(failed.html).toContain('href="https://example.com/?a=1&amp;b=2"');
    const succeeded = render(templates, { ...values, error: '' });
    expect(succeeded.html).not.toContain('<p></p>');
    expect(succeeded.text).not.toContain('{{');
  });

  it('is laid out for people: a table with inline styles, a button, the state in its colour, and nothing that is loaded (C36)', async () => {
    const values = {
      kind: 'a.b',
      became: 'has failed',
      color: '#b42318',
      code: 'timeout',
      finished: '28 November 2026 at 09:14 UTC',
      id: '1',
      url: 'https://example.com/jobs/1',
    };
    const { html, text } = render(await readTemplates(null), values);
    for (const part of ['role="presentation"', 'background:#b42318', '28 November 2026 at 09:14 UTC', '>See the job</a>', 'timeout'])
      expect(html).toContain(part);
    expect(html).not.toMatch(/<script|<img|<link|url\(|src=/);
    expect(text.split('\n')[0]).toBe('Your job a.b has failed.');
    expect(text).toContain('https://example.com/jobs/1');
  });

  it('keeps the subject on one line, and does not fill in what values themselves say', () => {
    const { subject } = render({ subject: ' {{a}}\n{{b}} ', text: '', html: '' }, { a: '{{b}}\r\nBcc: x', b: '$&' });
    expect(subject).toBe('{{b}} Bcc: x $&');
  });
});
