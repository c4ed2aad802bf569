import { setTimeout as delay } from 'node:timers/promises';
import { type App, type AppName, spawnApp } from '../../support/index.js';

/** A place for a gateway or a worker, with a supervisor as an orchestrator has one: a process that dies is replaced. */
export class Slot {
  /** How often its process has died by itself or was killed. */
  deaths = 0;
  private current: App | undefined;
  private ended = false;
  private keeper: Promise<void> = Promise.resolve();

  constructor(
    readonly name: AppName,
    private readonly env: Record<string, string>,
  ) {}

  /** `firstLife` is for the first process only: a crash point that strikes once. */
  async start(firstLife: Record<string, string> = {}): Promise<void> {
    this.current = await spawnApp(this.name, { ...this.env, ...firstLife }, { readyTimeoutMs: 120_000 });
    this.keeper = this.keep();
  }

  get app(): App {
    if (!this.current) throw new Error('expected the slot to be started');
    return this.current;
  }

  get url(): string {
    return this.app.url;
  }

  kill(signal: NodeJS.Signals): void {
    this.app.kill(signal);
  }

  /** SIGTERM; its exit code. The supervisor starts the next one. */
  async terminate(): Promise<number | null> {
    return this.app.stop(60_000);
  }

  async ready(timeoutMs = 60_000): Promise<void> {
    await this.app.ready(timeoutMs);
  }

  async stop(): Promise<void> {
    this.ended = true;
    if (this.app.isRunning()) {
      this.app.kill('SIGCONT');
      // One that has only just been replaced knows no drain yet, and would die of the signal.
      await this.app.ready(60_000).catch(() => undefined);
      const code = await this.app.stop(60_000);
      if (code !== 0) throw new Error(`expected ${this.app.name} to exit with 0 on SIGTERM, got: ${String(code)}`);
    }
    await this.keeper;
    globalThis.__longhaulProcesses?.delete(this.app);
  }

  private async keep(): Promise<void> {
    while (!this.ended) {
      await this.app.exited;
      if (this.isEnded()) return;
      this.deaths++;
      // The dead are many in a long run: only their last lines are worth keeping.
      globalThis.__longhaulProcesses?.delete(this.app);
      await delay(200);
      this.current = await spawnApp(this.name, this.env, { waitUntilReady: false });
    }
  }

  private isEnded(): boolean {
    return this.ended;
  }
}
