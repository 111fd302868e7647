/**
 * Call a function of the app: neither what it throws nor the rejection of a promise it returns may reach the caller.
 *
 * @returns Undefined, or, when the function returned a promise, one that resolves when that is settled.
 */
export function guardedCall(
  call: () => unknown,
  onError: (error: unknown) => void,
): Promise<void> | undefined {
  const report = (error: unknown): void => {
    try {
      onError(error);
    } catch {
      // What is thrown may have no text, and who is told may throw too: there is nobody left to tell.
    }
  };
  try {
    const result = call();
    const isPromise =
      typeof (result as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
    return isPromise ? Promise.resolve(result).then(() => undefined, report) : undefined;
  } catch (error) {
    report(error);
    return undefined;
  }
}
