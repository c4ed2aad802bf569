import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';

export const submitRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/submit',
  validateSearch: ({ kind }: Record<string, unknown>): { kind?: string } => (typeof kind === 'string' && kind !== '' ? { kind } : {}),
  component: lazyRouteComponent(() => import('./submit-screen'), 'SubmitScreen'),
});
