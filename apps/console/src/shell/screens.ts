import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries';
import { allows, type Scope } from '../api/rights';
import type { IconName } from '../parts/icon';

export interface ScreenLink {
  path: string;
  name: string;
  icon: IconName;
  /** Who has it not is not offered the screen; null: it is for everybody. */
  needs: Scope | null;
  /** It shows the whole installation, which a key of one tenant does not see. */
  isWhole?: true;
  /** Begins a group. */
  gap?: boolean;
}

/** The menu, from top to bottom. A screen has a line here, a folder in screens/, and its route in router.tsx. */
const SCREENS: readonly ScreenLink[] = [
  { path: '/', name: 'Now', icon: 'now', needs: 'queues:read', isWhole: true },
  { path: '/jobs', name: 'Jobs', icon: 'jobs', needs: 'jobs:read' },
  { path: '/dead-letters', name: 'Dead letters', icon: 'dead', needs: 'dead-letters:read' },
  { path: '/queues', name: 'Queues and limits', icon: 'queues', needs: 'queues:read', isWhole: true },
  { path: '/workers', name: 'Workers', icon: 'workers', needs: 'queues:read', isWhole: true },
  { path: '/schedules', name: 'Schedules', icon: 'schedules', needs: 'schedules:read' },
  { path: '/webhooks', name: 'Webhooks', icon: 'webhooks', needs: 'webhooks:read' },
  { path: '/submit', name: 'Submit', icon: 'plus', needs: 'jobs:submit', gap: true },
  { path: '/audit', name: 'Audit', icon: 'audit', needs: 'audit:read', gap: true },
  { path: '/settings', name: 'Settings', icon: 'settings', needs: null },
];

/** The screens that this session may see: all, as long as nobody has said who this is. */
export function useScreens(): readonly ScreenLink[] {
  const { data } = useQuery(sessionQuery);
  return data ? SCREENS.filter(({ needs, isWhole }) => (needs === null || allows(data.scopes, needs)) && !(isWhole && data.tenant !== null)) : SCREENS;
}
