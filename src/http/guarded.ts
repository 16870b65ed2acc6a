/**
 * A callback that nothing above it would catch, since neither Effect nor Express has called it: the end of a fiber, a socket's
 * event, a timer. What it throws would end the process; here it ends in `onThrow`, which must not throw itself.
 */
export const guarded =
  <Args extends ReadonlyArray<unknown>>(onThrow: (cause: unknown) => void, callback: (...args: Args) => void) =>
  (...args: Args): void => {
    try {
      callback(...args)
    } catch (cause) {
      onThrow(cause)
    }
  }
