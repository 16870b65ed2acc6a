import { Link } from "@tanstack/react-router"
import type { LucideIcon } from "lucide-react"
import type { ReactNode } from "react"
import { Markdown } from "../chat/markdown.tsx"
import { JsonBlock } from "./json-block.tsx"
import { fieldOf, textField, type ToolCall, type ToolRenderer, type Wording, wordingFor } from "./tool-call.ts"

/** The first of these fields that holds text, in the arguments or the result. */
const firstText = (value: unknown, fields: ReadonlyArray<string>): string | undefined => {
  for (const field of fields) {
    const text = textField(value, field)
    if (text !== undefined && text.trim() !== "") return text
  }
  return undefined
}

/** Fields in which tools put what they have to say, the likeliest first. */
const SAYINGS = ["report", "advice", "answer", "content", "markdown", "plan", "text", "output", "summary", "message"]

const sayingOf = ({ result }: ToolCall): string | undefined =>
  typeof result === "string" && result.trim() !== "" ? result : firstText(result, SAYINGS)

const askedOf = ({ args }: ToolCall): string | undefined =>
  firstText(args, ["prompt", "message", "question", "task", "instructions"])

const Boxed = ({ children }: { readonly children: ReactNode }) => (
  <div className="rounded-card border border-line px-4 py-3">{children}</div>
)

/** What was asked and what came of it, in words where there are some; else the result as it is. */
const SayingBody = ({ call }: { readonly call: ToolCall }) => {
  const asked = askedOf(call)
  const said = sayingOf(call)
  const chat = textField(call.result, "chat_id") ?? textField(call.result, "agent_id")
  return (
    <>
      {asked !== undefined && (
        <blockquote className="border-l-2 border-line-strong pl-3 text-sm text-ink-soft">
          <Markdown text={asked} streaming={false} quiet />
        </blockquote>
      )}
      {said !== undefined && (
        <Boxed>
          <Markdown text={said} streaming={false} quiet />
        </Boxed>
      )}
      {said === undefined && call.result !== undefined && <JsonBlock label="Result" value={call.result} />}
      {chat !== undefined && (
        <Link to="/agents/$chatId" params={{ chatId: chat }} className="w-fit text-sm text-accent">
          Open its chat
        </Link>
      )}
    </>
  )
}

interface Words {
  readonly Icon: LucideIcon
  readonly wording: Wording
  /** Fields of the arguments, then of the result, that name what it is done to. */
  readonly about?: ReadonlyArray<string>
  readonly note?: ToolRenderer["note"]
}

/** A tool that is told well enough by a verb, by what it is done to, and by what it says. */
export const worded = ({ Icon, wording, about = [], note }: Words): ToolRenderer => {
  const object = ({ args, result }: ToolCall) =>
    (firstText(args, about) ?? firstText(result, about))?.trim().split("\n", 1)[0]
  return {
    Icon,
    title: (call) => [wordingFor(call.state, wording), object(call)].filter((word) => word !== undefined).join(" "),
    object,
    // A wait that ran out has not failed: the agent it waited for goes on.
    note: (call) => (fieldOf(call.result, "timed_out") === true ? "not done yet" : note?.(call)),
    hasBody: (call) => call.result !== undefined || askedOf(call) !== undefined,
    Body: SayingBody,
  }
}
