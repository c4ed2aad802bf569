import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/api';
import { queryClient } from '../../api/queries';

export const scheduleQuery = (id: string) =>
  queryOptions({ queryKey: ['schedule', id], queryFn: ({ signal }) => api('GET /schedules/{id}', { path: { id } }, signal) });

/** What is shown of schedules is asked for anew. */
export async function seeSchedules(id: string): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['schedules'] }), queryClient.invalidateQueries({ queryKey: ['schedule', id] })]);
}
