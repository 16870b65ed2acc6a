import { createContext, use } from "react"
import type { InputPart, Message } from "../../../src/contract/chats.ts"
import { SNAPSHOT_MESSAGES } from "../stream/connection.ts"

/** Which earlier message of the user is being written anew, if any. */
export interface Editing {
  readonly message: Message | undefined
  /** True for what the reader himself wrote, where it can be changed at all. */
  readonly canEdit: (message: Message) => boolean
  readonly start: (message: Message) => void
}

export const EditingContext = createContext<Editing>({
  message: undefined,
  canEdit: () => false,
  start: () => undefined,
})

export const useEditing = (): Editing => use(EditingContext)

/**
 * True once the message is no longer in the transcript: it was edited elsewhere. Not as long as it may stand before the first
 * message that is held, which it cannot where fewer are held than a page has.
 */
export const isReplaced = (messages: ReadonlyArray<Message>, id: number): boolean =>
  messages.every((message) => message.id !== id) &&
  (messages.some((message) => message.id < id) || (messages.length > 0 && messages.length < SNAPSHOT_MESSAGES))

/** The message with another text: its files stay. */
export const editedContent = (message: Pick<Message, "content">, text: string): ReadonlyArray<InputPart> => {
  const files = message.content.flatMap((part): ReadonlyArray<InputPart> => {
    if (part.type === "file-reference") return [part]
    return part.type === "file" && part.file_id !== undefined ? [{ type: "file", file_id: part.file_id }] : []
  })
  return text.trim() === "" ? files : [{ type: "text", text }, ...files]
}
