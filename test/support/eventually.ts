import { expect } from "vitest"

/** Asks again and again until the answer is this. For what tells nobody that it has happened, such as a lock or a file. */
export const eventually = async <A>(ask: () => A | Promise<A>, answer: A): Promise<void> => {
  await expect.poll(ask, { timeout: 15_000, interval: 20 }).toEqual(answer)
}
