import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../root';

export interface SettingsFilters {
  /** Revoked keys and those that are over, too. */
  keys?: 'all';
  /** Whose quotas are shown. */
  tenant?: string;
}

export const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>): SettingsFilters => ({
    ...(search['keys'] === 'all' && { keys: 'all' as const }),
    ...(typeof search['tenant'] === 'string' && search['tenant'] !== '' && { tenant: search['tenant'] }),
  }),
  component: lazyRouteComponent(() => import('./settings-screen'), 'SettingsScreen'),
});
