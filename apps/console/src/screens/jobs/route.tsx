import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';
import { type JobFilters, readFilters } from './filters';

export const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  validateSearch: (search: Record<string, unknown>): JobFilters => readFilters(search),
  component: lazyRouteComponent(() => import('./jobs-screen'), 'JobsScreen'),
});
