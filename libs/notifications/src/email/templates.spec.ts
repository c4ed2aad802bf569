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

  it('keeps the subject on one line, and does not fill in what values themselves say', () => {
    const { subject } = render({ subject: ' {{a}}\n{{b}} ', text: '', html: '' }, { a: '{{b}}\r\nBcc: x', b: '$&' });
    expect(subject).toBe('{{b}} Bcc: x $&');
  });
});
