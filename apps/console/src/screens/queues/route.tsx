import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';

export const queuesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queues',
  // The limit that is looked at.
  validateSearch: (search: Record<string, unknown>): { limit?: string } =>
    typeof search['limit'] === 'string' && search['limit'] !== '' ? { limit: search['limit'] } : {},
  component: lazyRouteComponent(() => import('./queues-screen'), 'QueuesScreen'),
});
