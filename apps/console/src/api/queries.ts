import { QueryClient, queryOptions } from '@tanstack/react-query';
import { api, ApiError } from './api';

/** One cache for all screens. The stream patches it (live/), so nothing is asked for again only because a tab was looked at. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // A refusal stays one. What does not answer is asked again, and meanwhile the last values are shown with their age.
      retry: (count, error) => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && count < 5,
      retryDelay: (count) => Math.min(1_000 * 2 ** count, 5_000),
    },
  },
});

/** Who this is to the gateway. */
export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => api('GET /session', {}, signal), staleTime: 60_000 });

export const kindsQuery = queryOptions({ queryKey: ['kinds'], queryFn: ({ signal }) => api('GET /kinds', {}, signal), staleTime: 60_000 });

export const queuesQuery = queryOptions({ queryKey: ['queues'], queryFn: ({ signal }) => api('GET /queues', {}, signal) });

export const jobQuery = (id: string) => queryOptions({ queryKey: ['job', id], queryFn: ({ signal }) => api('GET /jobs/{id}', { path: { id } }, signal) });

export const whyQuery = (id: string) => queryOptions({ queryKey: ['why', id], queryFn: ({ signal }) => api('GET /jobs/{id}/why', { path: { id } }, signal) });

export const stepsQuery = (id: string) =>
  queryOptions({ queryKey: ['steps', id], queryFn: ({ signal }) => api('GET /jobs/{id}/steps', { path: { id } }, signal) });
