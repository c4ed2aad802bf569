import { systemClock } from '@app/core';
import type { RabbitDelivery } from './delivery.js';

const RETRY_MS = 1_000;

/**
 * Holds a delivery until `work` succeeds. A failure is tried again each second as long as the delivery is open. When `stop` fires in between, the
 * delivery is released. Never rejects.
 */
export async function holdDelivery(delivery: RabbitDelivery, work: () => Promise<void>, failed: (error: unknown) => void, stop: AbortSignal): Promise<void> {
  while (delivery.open) {
    try {
      await work();
      return;
    } catch (error) {
      failed(error);
      await systemClock.sleep(RETRY_MS, stop);
      if (stop.aborted) {
        delivery.release();
        return;
      }
    }
  }
}
