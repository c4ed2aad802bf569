import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';
import { type LettersSearch, readSearch } from './search';

export const deadLettersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dead-letters',
  validateSearch: (search: Record<string, unknown>): LettersSearch => readSearch(search),
  component: lazyRouteComponent(() => import('./dead-letters-screen'), 'DeadLettersScreen'),
});
