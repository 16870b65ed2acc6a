/**
 * Calls each, whatever becomes of the others. What one of them throws is a bug of its own: it goes past them to where the
 * process hears of such.
 */
export const eachAlone = <A>(all: Iterable<A>, call: (one: A) => void): void => {
  for (const one of all) {
    try {
      call(one)
    } catch (cause) {
      queueMicrotask(() => {
        throw cause
      })
    }
  }
}
