import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';
import { type AuditSearch, readSearch } from './search';

export const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => readSearch(search),
  component: lazyRouteComponent(() => import('./audit-screen'), 'AuditScreen'),
});
