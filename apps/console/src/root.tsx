import { createRootRoute } from '@tanstack/react-router';
import { Shell } from './shell/shell';

export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NoScreen });

function NoScreen() {
  return <p className="note">There is no such screen. The menu lists those that there are.</p>;
}
