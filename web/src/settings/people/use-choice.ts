import { useState } from "react"

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

/** Which of several are ticked, over those that are saved: what nobody changed follows what is saved. */
export const useChoice = (saved: ReadonlyArray<string>) => {
  const [edited, setChosen] = useState<ReadonlyArray<string>>()
  const chosen = edited ?? saved
  return { chosen, dirty: !isSame(chosen, saved), setChosen, reset: () => setChosen(undefined) }
}
