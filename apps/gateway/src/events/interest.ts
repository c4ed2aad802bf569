/** How long it is listened to after the last one who wanted to, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;

/** Whether anybody here wants to hear of changes: those who read events and those who wait for ends. */
export class Interest {
  private interested = 0;
  private linger: NodeJS.Timeout | undefined;

  constructor(
    private readonly listen: (wanted: boolean) => void,
    private readonly lingerMs = LINGER_MS,
  ) {}

  /** From now on, until the function is called; calling it again does nothing. */
  take(): () => void {
    let held = true;
    this.interested++;
    clearTimeout(this.linger);
    this.listen(true);
    return () => {
      if (!held) return;
      held = false;
      if (--this.interested === 0) this.linger = setTimeout(() => this.listen(false), this.lingerMs).unref();
    };
  }
}
