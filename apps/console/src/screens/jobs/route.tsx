import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';
import { type JobsSearch, readSearch } from './filters';

export const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  validateSearch: (search: Record<string, unknown>): JobsSearch => readSearch(search),
  component: lazyRouteComponent(() => import('./jobs-screen'), 'JobsScreen'),
});
