import { useCallback, useState } from "react"
import { forgetStored, keepStored, readStored } from "../ui/browser-storage.ts"

const PREFIX = "troupe.draft."

/** Forgets the drafts of whoever was signed in. */
export const clearDrafts = (): void => forgetStored(PREFIX)

/** What is kept as the draft of a place. */
export const readDraft = (place: string): string => readStored(PREFIX + place) ?? ""

/** Keeps a text as the draft of a place that has none. False where there is one already. */
export const keepAsDraft = (place: string, text: string): boolean => {
  if (readDraft(place) !== "") return false
  keepStored(PREFIX + place, text)
  return true
}

/**
 * Text not sent yet, kept in this browser. `place` is a chat's id, or `new`; mount the user of this hook anew for another
 * place.
 */
export const useDraft = (place: string): readonly [text: string, set: (text: string) => void] => {
  const [text, setText] = useState(() => readDraft(place))
  const set = useCallback(
    (next: string) => {
      setText(next)
      keepStored(PREFIX + place, next === "" ? undefined : next)
    },
    [place],
  )
  return [text, set]
}
