import { appendFileSync } from "node:fs"

/** How often a proof repeats itself: a little in every test run, much in `npm run soak`, which writes `docs/soak.md`. */

const isSoak = process.env["TROUPE_SOAK"] === "1"

export const rounds = (counts: { readonly test: number; readonly soak: number }): number =>
  isSoak ? counts.soak : counts.test

/**
 * The seed of this run's random choices: a new one in each soak, one and the same in a test run, which must not fail for
 * anything but what was changed. `TROUPE_TEST_SEED` chooses another.
 */
export const seed = Number(process.env["TROUPE_TEST_SEED"] ?? (isSoak ? Date.now() % 1_000_000 : 20_261_121))

/** Puts what a proof has counted into the report of the soak; nothing in an ordinary test run. */
export const record = (proof: string, figures: Readonly<Record<string, number | string>>): void => {
  const report = process.env["TROUPE_SOAK_REPORT"]
  if (report !== undefined) appendFileSync(report, `${JSON.stringify({ proof, seed, figures })}\n`)
}
