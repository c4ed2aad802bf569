import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';

type Sockets = Parameters<WsAdapter['bindErrorHandler']>[0];

/** Nest's adapter, without its reading of frames (`FramesInTurn` does that) and without an error in the log for each fault of a client. */
export class QuietSockets extends WsAdapter {
  constructor(app: INestApplicationContext) {
    super(app, { messageParser: () => undefined });
  }

  override bindMessageHandlers(): void {
    // The gateway of events reads frames itself.
  }

  override bindErrorHandler(server: Sockets): Sockets {
    // An error without a listener would end the process. The gateway of events logs it at level debug.
    (server as { on(event: string, listener: () => void): void }).on('error', () => undefined);
    return server;
  }
}
