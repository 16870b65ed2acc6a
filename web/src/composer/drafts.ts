import { useCallback, useState } from "react"

const PREFIX = "troupe.draft."

/** Text not sent yet, kept in this browser. `place` is a chat's id, or `new`. */
const readDraft = (place: string): string => localStorage.getItem(PREFIX + place) ?? ""

export const writeDraft = (place: string, text: string): void => {
  if (text === "") localStorage.removeItem(PREFIX + place)
  else localStorage.setItem(PREFIX + place, text)
}

/** Forgets the drafts of whoever was signed in. */
export const clearDrafts = (): void => {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key)
}

/** The draft of one place as state. Mount the user of this hook anew for another place. */
export const useDraft = (place: string): readonly [text: string, set: (text: string) => void] => {
  const [text, setText] = useState(() => readDraft(place))
  const set = useCallback(
    (next: string) => {
      setText(next)
      writeDraft(place, next)
    },
    [place],
  )
  return [text, set]
}
