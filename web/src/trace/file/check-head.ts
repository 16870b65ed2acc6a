import type { ChatStatus } from "../../../../src/contract/chats.ts"
import type { ChatMachineState } from "../../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import type { TraceTransition } from "../../../../src/contract/trace.ts"
import { content, LONGEST_NAME, usage } from "./check-messages.ts"
import {
  amount,
  type Check,
  json,
  jsonRecord,
  list,
  names,
  oneOf,
  orNull,
  struct,
  text,
  time,
  whole,
  Wrong,
  yesOrNo,
} from "./checks.ts"
import { errorKinds } from "../../chat/error-titles.ts"
import { statuses } from "../../chats/status.ts"

/** What a Trace file says of the chat as a whole, and its transitions. */

const MOST_ROWS = 200_000

const id = text(200)
const word = text(200)
const name = text(LONGEST_NAME)
const sentence = text(LONGEST_NAME)
const version = whole(1)
const count = whole(0)

/** The status that a state belongs to is the first word of its path. */
const status: Check<ChatStatus> = oneOf(...statuses)
const activity: Check<string> = (value) => {
  const path = word(value)
  status(path.split(".")[0])
  return path
}

/** Before its first transition a chat is in a state of its own. */
const from: Check<string> = word

export const context = struct({
  queue: count,
  steer: count,
  archived: yesOrNo,
  resume: word,
  attempt: count,
  steps: count,
})

export const transition: Check<TraceTransition> = struct(
  {
    version,
    event: word,
    detail: jsonRecord,
    from,
    to: activity,
    epoch: count,
    machine_version: count,
    created_at: time,
  },
  { actor_user_id: id, duration_us: count, mode: word, context },
)

const failure = { detail: sentence, kind: oneOf(...errorKinds), provider: word, status_code: amount }

const graph = struct({
  id: word,
  version: count,
  states: list(
    struct(
      {
        path: word,
        type: oneOf("atomic", "compound", "parallel"),
        tags: list(word, 100),
        effects: list(word, 100),
      },
      { initial: word },
    ),
    1000,
  ),
  transitions: list(
    struct({ source: word, event: word, target: word, actions: list(word, 100) }, { guard: sentence }),
    10_000,
  ),
})

const pendingCall = struct({ id, tool_call_id: name, tool_name: name, state: word })

const machine: Check<ChatMachineState> = struct(
  {
    version,
    status,
    life: activity,
    mode: word,
    context,
    definition: graph,
    machine_version: count,
    owner: struct({ instance: orNull(id), epoch: count, recovery_attempts: count }),
    deadlines: list(struct({ name: word, at: time }), 100),
    pending_calls: list(pendingCall, MOST_ROWS),
    accepts: list(word, 1000),
    refuses: list(struct({ event: word, reason: sentence }), 1000),
  },
  { fault: sentence },
)

const attemptEnd = oneOf("replied", "retried", "failed", "stopped", "edited", "yielded", "crashed", "repaired")

/** When the versions came is told by the transitions. */
const steps: Check<Omit<ChatSteps, "began" | "times">> = struct({
  first_version: count,
  last_version: count,
  states: list(struct({ version, event: word, activity, status, since: time }, { until: time }), MOST_ROWS),
  prompts: list(
    struct(
      { message_id: whole(1), version, since: time },
      {
        removed_version: version,
        sent_by: id,
        queued: struct({ version, since: time, kind: oneOf("queue", "steer") }),
      },
    ),
    MOST_ROWS,
  ),
  attempts: list(
    struct(
      { version, since: time },
      {
        model_config_id: id,
        until: time,
        ended_version: version,
        end: attemptEnd,
        first_token: time,
        message_id: whole(1),
        usage,
        cost_micros: whole(0),
        failure: struct({ message: sentence }, failure),
      },
    ),
    MOST_ROWS,
  ),
  calls: list(
    struct(
      {
        id,
        tool_call_id: name,
        tool_name: name,
        message_id: whole(1),
        asked: time,
        state: oneOf("planned", "started", "done", "canceled"),
      },
      { since: time, until: time, is_error: yesOrNo, approval: oneOf("asked", "approved", "denied") },
    ),
    MOST_ROWS,
  ),
  owners: list(struct({ epoch: count, version, since: time }), MOST_ROWS),
})

const attempt = struct({
  history_version: count,
  attempt: count,
  started_at: time,
  ended_at: orNull(time),
  reason: orNull(word),
  content,
})

export const FORMAT = "troupe-trace"
export const FORMAT_VERSION = 1

/** Before anything else of a first line is looked at: what it is, and whether this page can read it. */
export const stamp = struct({ format: json, format_version: json })

const checkHead = struct(
  {
    format_version: whole(FORMAT_VERSION, FORMAT_VERSION),
    exported_at: time,
    title: text(LONGEST_NAME),
    chat_id: id,
    owner_id: id,
    owner_name: name,
    models: names(1000, LONGEST_NAME),
    version,
    machine,
    steps,
    attempts: list(attempt, MOST_ROWS),
  },
  { last_error: struct({ message: sentence, retryable: yesOrNo }, { ...failure, attempts: amount, retry_at: time }) },
)

export type FileHead = ReturnType<typeof checkHead>

export const head: Check<FileHead> = (value) => {
  const checked = checkHead(value)
  if (checked.machine.version !== checked.version) throw new Wrong("must have a machine of the same version")
  if (checked.steps.last_version > checked.version) throw new Wrong("must have no steps above its version")
  return checked
}
