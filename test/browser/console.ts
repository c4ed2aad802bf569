import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describeIf } from '../support/index.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Kept to be looked at; git ignores it. */
const SHOTS = join(import.meta.dirname, '../../.longhaul/screenshots');
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

export type ColorScheme = 'light' | 'dark';

export const describeWithBrowser = describeIf(existsSync(CHROMIUM), 'Chromium is not installed');

interface OpenOptions {
  viewport?: typeof WIDE;
  colorScheme?: ColorScheme;
  /** Pages have no policy, as an attacker's own would not. */
  bypassCSP?: boolean;
}

/** A browser that looks at consoles, and remembers what their pages complain of. */
export class ConsoleBrowser {
  /** Broken scripts, what the content security policy has refused. */
  faults: string[] = [];

  private constructor(private readonly browser: Browser) {}

  /** `resolve`: names and the addresses that they have in this browser, as `MAP evil.example 127.0.0.1`. */
  static async launch({ resolve }: { resolve?: string } = {}): Promise<ConsoleBrowser> {
    mkdirSync(SHOTS, { recursive: true });
    return new ConsoleBrowser(
      await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', ...(resolve === undefined ? [] : [`--host-resolver-rules=${resolve}`])],
      }),
    );
  }

  /** Opens a screen of the console of a gateway, such as `/jobs`. */
  open(gatewayUrl: string, path: string, options?: OpenOptions): Promise<Page> {
    return this.openPage(`${gatewayUrl}/console${path}`, options);
  }

  async openPage(url: string, { viewport = WIDE, colorScheme = 'light', bypassCSP = false }: OpenOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport, colorScheme, bypassCSP });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/net::ERR_|Failed to load resource/.test(message.text())) this.faults.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Between two tests: no page is open, nothing was complained of. */
  async reset(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    this.faults = [];
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /**
   * Looks at screens wide and at 390 px: keeps a picture of each, and answers what is wrong with them: what axe finds serious, and what does not fit.
   * `ready` waits for what is to be seen on it. A dialog is only as large as the window: not `fullPage`.
   */
  async lookAt(
    gatewayUrl: string,
    screens: Record<string, { path: string; ready?: (page: Page) => Promise<unknown> }>,
    colorScheme: ColorScheme,
    fullPage = true,
  ): Promise<unknown[]> {
    const wrong: unknown[] = [];
    const page = await this.open(gatewayUrl, '', { colorScheme });
    for (const [name, { path, ready }] of Object.entries(screens)) {
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        await page.goto(`${gatewayUrl}/console${path}`);
        await page.locator('main h1, main h2').first().waitFor();
        await ready?.(page);
        await shot(page, `${name}-${String(viewport.width)}-${colorScheme}`, fullPage);
        for (const fault of await seriousFaults(page)) wrong.push([name, viewport.width, fault]);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (!(await fitsItsDialog(page))) wrong.push([name, viewport.width, 'has a dialog that is wider than its place']);
        if (width !== viewport.width) wrong.push([name, viewport.width, `is ${String(width)} px wide`]);
      }
    }
    await page.context().close();
    return wrong;
  }
}

/** Keeps a picture of what is to be seen. */
export async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  // The header stays above what is scrolled: in a picture of the whole page it would lie across its middle.
  if (fullPage) await page.evaluate('scrollTo(0, 0)');
  // Colours that are on their way from one scheme to the other are at their end.
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage, animations: 'disabled' });
}

/** Whether nothing in a dialog that is open reaches beyond its side. */
export function fitsItsDialog(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`[...document.querySelectorAll('[role=dialog]')].every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)`);
}

/** What a page asks the gateway for from now on, but for its stream. */
export function askedFor(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch') asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return asked;
}

/** What axe finds serious or critical. */
export async function seriousFaults(page: Page): Promise<unknown[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ impact: string }[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ impact, id, nodes }) => ({ impact, id, where: nodes[0].html })))`,
  );
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
