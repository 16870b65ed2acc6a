import { Pencil } from "lucide-react"
import type { Message } from "../../../src/contract/chats.ts"
import { IconButton } from "../ui/button.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { useEditing } from "./editing.ts"
import { FilePartView } from "./file-part.tsx"
import { Parts } from "./parts.tsx"
import { plainText } from "./rows.ts"

const hiddenUntilUsed =
  "opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100"

const EditButton = ({ message }: { readonly message: Message }) => {
  const { canEdit, message: edited, start } = useEditing()
  if (!canEdit(message) || edited?.id === message.id) return null
  return (
    <div className={`absolute top-full right-0 ${hiddenUntilUsed}`}>
      <IconButton label="Edit this message" size="small" onClick={() => start(message)}>
        <Pencil aria-hidden />
      </IconButton>
    </div>
  )
}

const UserMessage = ({ message }: { readonly message: Message }) => (
  <article aria-label="You" className="group relative ml-auto flex max-w-[85%] flex-col items-end gap-1">
    <div className="rounded-composer rounded-br-small bg-bubble px-4 py-2.5 text-read whitespace-pre-wrap [overflow-wrap:anywhere]">
      <div dir="auto">{plainText(message.content)}</div>
      {message.content.map((part, index) =>
        part.type === "file" || part.type === "file-reference" ? <FilePartView key={index} part={part} /> : null,
      )}
    </div>
    <EditButton message={message} />
  </article>
)

const AssistantMessage = ({ message }: { readonly message: Message }) => {
  const text = plainText(message.content)
  return (
    <article aria-label="Agent" className="group relative min-w-0">
      <Parts parts={message.content} />
      {text !== "" && (
        <div className={`absolute top-full -left-1.5 ${hiddenUntilUsed}`}>
          <CopyButton label="Copy as Markdown" text={text} />
        </div>
      )}
    </article>
  )
}

/** A committed message of the user or the agent. */
export const MessageRow = ({ message }: { readonly message: Message }) =>
  message.role === "user" ? <UserMessage message={message} /> : <AssistantMessage message={message} />
