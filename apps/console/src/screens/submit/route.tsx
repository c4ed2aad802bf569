import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';

interface SubmitSearch {
  kind?: string;
  /** An import: the form begins with a report on its table. */
  from?: string;
}

export const submitRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/submit',
  validateSearch: ({ kind, from }: Record<string, unknown>): SubmitSearch => ({
    ...(typeof kind === 'string' && kind !== '' && { kind }),
    ...(typeof from === 'string' && from !== '' && { from }),
  }),
  component: lazyRouteComponent(() => import('./submit-screen'), 'SubmitScreen'),
});
