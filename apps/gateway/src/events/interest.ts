import { Injectable } from '@nestjs/common';

/** How long it is listened to after the last one who wanted to, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;

/** Whether anybody here wants to hear of changes: those who read events and those who wait for ends. */
@Injectable()
export class Interest {
  private interested = 0;
  private linger: NodeJS.Timeout | undefined;
  private changed: (wanted: boolean) => void = () => undefined;

  /** Called by a mode in which hearing of changes costs something. */
  listen(changed: (wanted: boolean) => void): void {
    this.changed = changed;
  }

  /** From now on, until the function is called; calling it again does nothing. */
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
