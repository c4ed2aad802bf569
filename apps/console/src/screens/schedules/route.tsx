import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';

export interface ScheduleFilters {
  kind?: string;
  paused?: 'true' | 'false';
}

export const schedulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/schedules',
  validateSearch: ({ kind, paused }: Record<string, unknown>): ScheduleFilters => ({
    ...(typeof kind === 'string' && kind !== '' && { kind }),
    ...((paused === 'true' || paused === 'false') && { paused }),
  }),
  component: lazyRouteComponent(() => import('./schedules-screen'), 'SchedulesScreen'),
});

export const scheduleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/schedules/$id',
  component: lazyRouteComponent(() => import('./schedule-screen'), 'ScheduleScreen'),
});
