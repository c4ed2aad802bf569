import { Injectable } from '@nestjs/common';

/** How long listening goes on without any listener, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;

/** Whether this process needs to learn of changes: for readers of events, and for callers that wait for a job's end. */
@Injectable()
export class Interest {
  private interested = 0;
  private linger: NodeJS.Timeout | undefined;
  private changed: (wanted: boolean) => void = () => undefined;

  /** Sets the listener. A mode in which listening for changes has a cost calls this. */
  listen(changed: (wanted: boolean) => void): void {
    this.changed = changed;
  }

  /** Adds an interest until the returned function is called. A second call of that function does nothing. */
  take(): () => void {
    let held = true;
    this.interested++;
    clearTimeout(this.linger);
    this.changed(true);
    return () => {
      if (!held) return;
      held = false;
      if (--this.interested === 0) this.linger = setTimeout(() => this.changed(false), LINGER_MS).unref();
    };
  }
}
