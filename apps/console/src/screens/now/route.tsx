import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';
import type { Span } from './span';

export const nowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { span?: Span } => (search['span'] === '24h' ? { span: '24h' } : {}),
  component: lazyRouteComponent(() => import('./now-screen'), 'NowScreen'),
});
