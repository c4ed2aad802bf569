/** Lets everything run that is ready to: promises, and batches that wait for a turn of the event loop. */
export async function turns(count = 6): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
