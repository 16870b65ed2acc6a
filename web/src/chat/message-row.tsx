import { Info, Pencil, Unplug } from "lucide-react"
import type { Part } from "../../../src/contract/parts.ts"
import type { Message, MessageFinishReason } from "../../../src/contract/chats.ts"
import { IconButton } from "../ui/button.tsx"
import { proseText } from "../ui/prose-text.ts"
import { useEditing } from "./editing.ts"
import { FilePartView } from "./file-part.tsx"
import { Parts } from "./parts.tsx"
import { plainText } from "./rows.ts"
import { useHost } from "./reading-along.ts"
import { WhyButton } from "./why-button.tsx"
import { ShowInTrace } from "./show-in-trace.tsx"

const hiddenUntilUsed =
  "opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100"

const EditButton = ({ message }: { readonly message: Message }) => {
  const { canEdit, message: edited, start } = useEditing()
  if (!canEdit(message) || edited?.id === message.id) return null
  return (
    <IconButton label="Edit this message" size="small" onClick={() => start(message)}>
      <Pencil aria-hidden />
    </IconButton>
  )
}

/** What can be asked and done about what one said. */
const PromptActions = ({ message }: { readonly message: Message }) => (
  <div className={`absolute top-full right-0 flex ${hiddenUntilUsed}`}>
    <WhyButton subject={{ kind: "message", id: message.id }} chatId={message.chat_id} label="Why this message" />
    <ShowInTrace what={{ message: message.id }} />
    <EditButton message={message} />
  </div>
)

const UserMessage = ({ message }: { readonly message: Message }) => {
  const host = useHost()
  return (
    <article aria-label={host ?? "You"} className="group relative ml-auto flex max-w-[85%] flex-col items-end gap-1">
      <div className="rounded-composer rounded-br-small bg-bubble px-4 py-2.5 text-read whitespace-pre-wrap [overflow-wrap:anywhere]">
        <div dir="auto">{proseText(plainText(message.content))}</div>
        {message.content.map((part, index) =>
          part.type === "file" || part.type === "file-reference" ? <FilePartView key={index} part={part} /> : null,
        )}
      </div>
      <PromptActions message={message} />
    </article>
  )
}

/** What an answer that is not whole lacks, and what to do about it. Who stopped it knows; the end of the turn says it. */
const finishNotes: Record<Exclude<MessageFinishReason, "interrupted">, readonly [what: string, todo: string]> = {
  length: ["The reply was cut at the output limit.", "Send “continue”, or raise the limit in the model's settings."],
  refusal: ["The model declined to answer.", "Edit your message, or send another one."],
  reasoning_only: ["The model thought and gave no answer.", "Send “continue” to ask for one."],
  paused: ["The provider paused in the middle of its work.", "Send “continue” to let it go on."],
}

const FinishNote = ({ reason }: { readonly reason: keyof typeof finishNotes }) => {
  const [what, todo] = finishNotes[reason]
  const host = useHost()
  return (
    <p className="mt-2 flex items-start gap-2 text-sm text-ink-soft">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      {host === undefined ? `${what} ${todo}` : what}
    </p>
  )
}

interface AgentMessageProps {
  readonly content: ReadonlyArray<Part>
  /** Names the message among all of the timeline. */
  readonly id: string
  readonly finishReason?: MessageFinishReason | undefined
  /** It is being written, and so no message yet. */
  readonly writing?: boolean
  /** Its turn goes on. */
  readonly running?: boolean
  /** It was being written when the reply failed. */
  readonly broken?: boolean
  readonly from?: number
  readonly to?: number
  /** What it is, once it is one. */
  readonly message?: Message | undefined
}

/** Beside what the agent said; a call has its own. Where there is no pointer to hover with, the end of the turn has one. */
const WhySaid = ({ message, first }: { readonly message: Message; readonly first: Part | undefined }) =>
  first?.type !== "text" ? null : (
    <div className="absolute top-0 -right-7 opacity-0 transition-opacity group-focus-within/said:opacity-100 group-hover/said:opacity-100 [@media(hover:none)]:hidden">
      <WhyButton subject={{ kind: "message", id: message.id }} chatId={message.chat_id} label="Why this message" />
    </div>
  )

/** What the agent said and did in one step, while it is written and when it is a message. */
export const AgentMessage = ({ content, finishReason, broken = false, message, ...rest }: AgentMessageProps) => (
  <article
    aria-label="Agent"
    className={`group/said relative min-w-0 ${broken ? "border-l-2 border-danger/40 pl-3.5" : ""}`}
  >
    <Parts parts={content} {...rest} />
    {message !== undefined && <WhySaid message={message} first={content[rest.from ?? 0]} />}
    {finishReason !== undefined && finishReason !== "interrupted" && <FinishNote reason={finishReason} />}
    {broken && (
      <p className="mt-2 flex items-center gap-2 text-sm text-danger">
        <Unplug aria-hidden className="size-4 shrink-0" />
        The reply broke off here. It is not part of the conversation.
      </p>
    )}
  </article>
)

/** A committed message of the user or the agent. */
export const MessageRow = ({ message }: { readonly message: Message }) =>
  message.role === "user" ? (
    <UserMessage message={message} />
  ) : (
    <AgentMessage content={message.content} id={`m${message.id}`} finishReason={message.finish_reason} />
  )
