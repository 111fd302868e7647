/**
 * Run `work` for every item, at most `limit` at a time, and return the results in the order of the items.
 *
 * After the first failure nothing new is started; the promise rejects only when everything that was running has
 * ended, so that the caller may delete what the work was writing to.
 *
 * @param limit - Highest number of calls under way at once.
 * @param signal - Stops starting new calls; the promise then rejects with the signal's reason.
 */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const index = next++;
      try {
        signal?.throwIfAborted();
        results[index] = await work(items[index] as Item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, lane);
  const outcomes = await Promise.allSettled(lanes);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}
