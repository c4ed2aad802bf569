import type { IconName } from '../parts/icon';

export interface ScreenLink {
  path: string;
  name: string;
  icon: IconName;
  /** Begins a group. */
  gap?: boolean;
}

/** The menu, from top to bottom. A screen has a line here, a folder in screens/, and its route in router.tsx. */
export const SCREENS: readonly ScreenLink[] = [
  { path: '/', name: 'Now', icon: 'now' },
  { path: '/jobs', name: 'Jobs', icon: 'jobs' },
];
