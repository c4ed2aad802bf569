import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** Something that a process starts and ends. Each phase is optional. */
export interface Part {
  start?(): void | Promise<void>;
  /** Ends what would keep requests or deliveries open. The servers still run. */
  drain?(): void | Promise<void>;
  /** The servers are closed: no request and no delivery comes any more. */
  close?(): void | Promise<void>;
}

/** Starts parts in their order; drains and closes in the reverse order those that were started. */
export class Parts implements Required<Part> {
  private readonly started: Part[] = [];

  constructor(private readonly parts: readonly Part[]) {}

  async start(): Promise<void> {
    for (const part of this.parts) {
      this.started.unshift(part);
      await part.start?.();
    }
  }

  async drain(): Promise<void> {
    for (const part of this.started) await part.drain?.();
  }

  async close(): Promise<void> {
    for (const part of this.started) await part.close?.();
  }
}

/**
 * The one provider of a process that has hooks of Nest: `app.listen` (or `init`) starts the parts and `app.close` ends them. An app declares the
 * order in its subclass. Signals are `runProcess`'s, so `enableShutdownHooks` is not called.
 */
export abstract class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly parts: Parts;
  private drained: Promise<void> | undefined;

  /** What needs another part comes after it. */
  constructor(parts: readonly Part[]) {
    this.parts = new Parts(parts);
  }

  onApplicationBootstrap(): Promise<void> {
    return this.parts.start();
  }

  /** Once. Of a microservice Nest closes the transport before it calls any hook, so whoever closes one drains it first. */
  drain(): Promise<void> {
    return (this.drained ??= this.parts.drain());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  onApplicationShutdown(): Promise<void> {
    return this.parts.close();
  }
}
