import type { DeliveryState } from '../../api/api';

export interface WebhookFilters {
  endpoint?: string;
  state?: DeliveryState;
  /** The delivery that is looked at. */
  delivery?: string;
}
