import { createRouter } from '@tanstack/react-router';
import { PATH } from './api/api';
import { rootRoute } from './root';
import { auditRoute } from './screens/audit/route';
import { deadLettersRoute } from './screens/dead-letters/route';
import { jobRoute } from './screens/job/route';
import { jobsRoute } from './screens/jobs/route';
import { nowRoute } from './screens/now/route';
import { queuesRoute } from './screens/queues/route';
import { scheduleRoute, schedulesRoute } from './screens/schedules/route';
import { settingsRoute } from './screens/settings/route';
import { submitRoute } from './screens/submit/route';
import { webhooksRoute } from './screens/webhooks/route';
import { workersRoute } from './screens/workers/route';

const screens = [
  nowRoute,
  jobsRoute,
  jobRoute,
  deadLettersRoute,
  queuesRoute,
  workersRoute,
  schedulesRoute,
  scheduleRoute,
  webhooksRoute,
  submitRoute,
  auditRoute,
  settingsRoute,
] as const;

export const router = createRouter({
  routeTree: rootRoute.addChildren(screens),
  basepath: `${PATH}/console`,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  // Plain parameters, as people write and read them: `?state=failed&kind=csv.import`.
  parseSearch: (text) => {
    const parameters = new URLSearchParams(text);
    return Object.fromEntries(
      [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).length > 1 ? parameters.getAll(name) : parameters.get(name)]),
    );
  },
  stringifySearch: (search) => {
    const parameters = Object.entries(search as Record<string, unknown>).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== '').map((one) => [name, String(one)]),
    );
    return parameters.length > 0 ? `?${new URLSearchParams(parameters).toString()}` : '';
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
