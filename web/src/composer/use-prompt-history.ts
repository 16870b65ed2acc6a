import { useQueryClient } from "@tanstack/react-query"
import { type KeyboardEvent, useRef } from "react"
import { promptsQuery } from "../api/queries.ts"
import { newer, older, type PromptCycle, promptOf, startCycle } from "./prompt-history.ts"

/**
 * ArrowUp in an empty composer brings back what was asked before; ArrowDown past the newest, or Escape, empties it again.
 * Editing what came back ends it. Returns the key handler for the composer.
 */
export const usePromptHistory = (
  chatId: string,
  text: string,
  setText: (text: string) => void,
): ((event: KeyboardEvent<HTMLTextAreaElement>) => void) => {
  const queryClient = useQueryClient()
  const cycle = useRef<PromptCycle>(undefined)
  const show = (next: PromptCycle | undefined) => {
    cycle.current = next
    setText(next === undefined ? "" : promptOf(next))
  }

  const begin = async (field: HTMLTextAreaElement) => {
    const answer = await queryClient.fetchQuery(promptsQuery(chatId))
    // Something may have been written while the list was on its way.
    if (field.value === "") show(startCycle(answer.prompts.map((prompt) => prompt.text)))
  }

  return (event) => {
    const held = cycle.current
    const going = held !== undefined && promptOf(held) === text ? held : undefined
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey && !event.nativeEvent.isComposing
    if (!plain) return
    if (event.key === "ArrowUp" && going !== undefined) show(older(going))
    // Without the list there is just no history to go through.
    else if (event.key === "ArrowUp" && text === "") void begin(event.currentTarget).catch(() => undefined)
    else if (event.key === "ArrowDown" && going !== undefined) show(newer(going))
    else if (event.key === "Escape" && going !== undefined) show(undefined)
    else return
    event.preventDefault()
  }
}
