import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { DeliveryState } from '../../api/api';
import { rootRoute } from '../../root';
import type { WebhookFilters } from './filters';

const STATES: readonly DeliveryState[] = ['pending', 'succeeded', 'failed'];

export const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/webhooks',
  validateSearch: (search: Record<string, unknown>): WebhookFilters => {
    const text = (name: string): string | undefined => (typeof search[name] === 'string' && search[name] !== '' ? search[name] : undefined);
    const [endpoint, delivery] = [text('endpoint'), text('delivery')];
    const state = STATES.find((one) => one === text('state'));
    return { ...(endpoint !== undefined && { endpoint }), ...(state && { state }), ...(delivery !== undefined && { delivery }) };
  },
  component: lazyRouteComponent(() => import('./webhooks-screen'), 'WebhooksScreen'),
});
