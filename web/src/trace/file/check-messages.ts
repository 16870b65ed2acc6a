import type { Message, QueuedMessage } from "../../../../src/contract/chats.ts"
import type { Part } from "../../../../src/contract/parts.ts"
import type { TraceCall, TraceMessage, TraceQueued } from "../../../../src/contract/trace.ts"
import { amount, type Check, json, list, oneOf, record, struct, text, time, whole, Wrong, yesOrNo } from "./checks.ts"

/** Messages of a file. What is not named here does not come in: least of all what providers sealed. */

/** Characters of one text: the longest of a real chat have some hundred thousand. */
export const LONGEST_TEXT = 16 * 1024 * 1024
export const LONGEST_NAME = 10_000
const MOST_PARTS = 20_000

const body = text(LONGEST_TEXT)
const name = text(LONGEST_NAME)
const id = text(200)

/**
 * No chat of this server: a link to it leads nowhere. Which chat the file was made of is said in words, and by nothing that can
 * be followed.
 */
export const NO_CHAT = "file"
const noChat: Check<string> = () => NO_CHAT

const calledTool = { tool_call_id: name, tool_name: name }

const parts: { readonly [Type in Part["type"]]: Check<Extract<Part, { readonly type: Type }>> } = {
  text: struct({ type: oneOf("text"), text: body }),
  reasoning: struct({ type: oneOf("reasoning"), text: body }, { created_at: time, completed_at: time }),
  "tool-call": struct(
    { type: oneOf("tool-call"), ...calledTool },
    { args: json, args_text: body, args_delta: body, provider_executed: yesOrNo, created_at: time },
  ),
  "tool-result": struct(
    { type: oneOf("tool-result"), ...calledTool },
    { result: json, is_error: yesOrNo, is_media: yesOrNo, provider_executed: yesOrNo, created_at: time },
  ),
  source: struct({ type: oneOf("source"), url: body }, { source_id: name, title: body }),
  file: struct({ type: oneOf("file"), media_type: name }, { name, file_id: name }),
  "file-reference": struct({
    type: oneOf("file-reference"),
    file_name: name,
    start_line: amount,
    end_line: amount,
    content: body,
  }),
}

const kinds: ReadonlyMap<unknown, Check<Part>> = new Map<unknown, Check<Part>>(Object.entries(parts))

const part: Check<Part> = (value) => {
  const check = kinds.get(record(value)["type"])
  if (check === undefined) throw new Wrong(`must have a type that is one of ${[...kinds.keys()].join(", ")}`)
  return check(value)
}

export const content = list(part, MOST_PARTS)

export const usage = struct(
  {},
  {
    input_tokens: amount,
    output_tokens: amount,
    total_tokens: amount,
    reasoning_tokens: amount,
    cache_creation_tokens: amount,
    cache_read_tokens: amount,
    context_limit: amount,
  },
)

const version = whole(1)

/** What was removed was there for a while. */
const inOrder =
  <T extends { readonly created_version: number; readonly removed_version?: number }>(check: Check<T>): Check<T> =>
  (value) => {
    const checked = check(value)
    if ((checked.removed_version ?? Infinity) <= checked.created_version) {
      throw new Wrong("must have a removed_version above its created_version")
    }
    return checked
  }

export const message: Check<TraceMessage> = inOrder(
  struct(
    {
      id: whole(1),
      chat_id: noChat,
      created_at: time,
      role: oneOf("user", "assistant", "tool") satisfies Check<Message["role"]>,
      content,
      created_version: version,
    },
    {
      created_by: id,
      model_config_id: id,
      usage,
      finish_reason: oneOf("length", "refusal", "reasoning_only", "paused", "interrupted"),
      removed_version: version,
    },
  ),
)

const queueKind = oneOf("queue", "steer") satisfies Check<QueuedMessage["kind"]>

export const queued: Check<TraceQueued> = inOrder(
  struct(
    {
      id: whole(1),
      chat_id: noChat,
      content,
      kind: queueKind,
      created_at: time,
      created_version: version,
      position: whole(Number.MIN_SAFE_INTEGER),
    },
    { model_config_id: id, removed_version: version },
  ),
)

/** Where queued messages stood before a transition moved them: in the detail of the journal, whose other fields are only shown. */
export const movedFrom = list(struct({ id: whole(1), position: whole(Number.MIN_SAFE_INTEGER), kind: queueKind }), 1000)

const approval = oneOf("asked", "approved", "denied")

export const call: Check<TraceCall> = struct(
  { id, tool_call_id: name, tool_name: name, message_id: whole(1), created_version: version, asked: time },
  { answered_version: version, since: time, until: time, approval },
)
