import { useState } from "react"
import { keepStored, readStored } from "../ui/browser-storage.ts"

/** How the Stage shows chats once there are many. */
export type StageView = "board" | "list"

const KEY = "troupe.stage-view"

/** From so many on a list does not tell any more what goes on. */
const LIVE_FOR_BOARD = 6

/**
 * With few live chats the Stage is a list. Once it has been a board it stays one while it is looked at: a chat that ends does not
 * turn the page over.
 *
 * @param live how many chats do not rest; undefined until that is known
 */
export const useStageView = (live: number | undefined) => {
  const [chosen, setChosen] = useState<StageView>(() => (readStored(KEY) === "list" ? "list" : "board"))
  const [many, setMany] = useState(false)
  const isMany = many || (live !== undefined && live >= LIVE_FOR_BOARD)
  if (isMany && !many) setMany(true)
  return {
    view: isMany ? chosen : "list",
    canChoose: isMany,
    choose: (view: StageView) => {
      setChosen(view)
      keepStored(KEY, view)
    },
  }
}
