import { useState } from "react"
import type { Attempt } from "../../../src/contract/chats.ts"
import type { ChatTransition } from "../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../src/contract/steps.ts"
import { LostAttempt } from "../chat/lost-attempt.tsx"
import { statusOfActivity } from "../chats/status.ts"
import { emptyStream } from "../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../stream/store.ts"
import { TraceViewProvider, type TraceSource } from "../trace/trace-source.ts"
import { WhyLine } from "../trace/why/why-line.tsx"

/** Why a chat is as it is, in the states that have something of their own to say. */

const BEGAN = Date.UTC(2026, 10, 12, 14, 6, 40)
const at = (second: number): string => new Date(BEGAN + second * 1000).toISOString()

interface Life {
  readonly title: string
  /** Event, state and details; one every four seconds. */
  readonly lines: ReadonlyArray<readonly [string, string, Readonly<Record<string, unknown>>?]>
  /** What the state means, as a server says it. */
  readonly tags: ReadonlyArray<string>
  readonly steps?: Partial<ChatSteps>
}

const busy = {
  message: "The provider is busy. Its limit of requests is reached.",
  detail: "Rate limit reached for requests per minute: 60 of 60 used. Try again in 8 s.",
  kind: "rate_limit",
  provider: "anthropic",
  status_code: 429,
} as const

const lives: ReadonlyArray<Life> = [
  { title: "In line", lines: [["Create", "pending"]], tags: ["owned", "waits-for-slot"] },
  {
    title: "Taken over",
    lines: [
      ["Create", "running.generating"],
      ["RecordGenerationAttempt", "running.generating", { epoch: 4 }],
    ],
    tags: ["owned", "slot", "asks-model"],
    steps: {
      attempts: [
        { version: 1, since: at(0), until: at(4), ended_version: 2, end: "crashed" },
        { version: 2, since: at(4), model_config_id: "m" },
      ],
    },
  },
  {
    title: "Waits to try again",
    lines: [
      ["Create", "running.generating"],
      ["RecordRetryState", "running.backing_off", { delay_ms: 8000 }],
    ],
    tags: ["owned", "backing-off"],
    steps: { attempts: [{ version: 1, since: at(0), until: at(4), ended_version: 2, end: "retried", failure: busy }] },
  },
  {
    title: "Asks",
    lines: [
      ["Create", "running.generating"],
      ["RecordToolCalls", "running.executing", { tool_call_ids: ["a", "b"] }],
      ["RequireApproval", "requires_action.approval", { undecided: 2 }],
    ],
    tags: ["owned", "asks-person"],
    steps: {
      attempts: [{ version: 1, since: at(0), until: at(4), ended_version: 2, end: "replied" }],
      calls: ["execute", "write_file"].map((tool_name) => ({
        ...{ id: tool_name, tool_call_id: tool_name, tool_name, message_id: 2, asked: at(4) },
        ...{ state: "planned" as const, approval: "asked" as const },
      })),
    },
  },
  {
    title: "Failed",
    lines: [
      ["Create", "running.generating"],
      ["RecordRetryState", "running.backing_off", { delay_ms: 8000 }],
      ["RecordGenerationAttempt", "running.generating"],
      ["FinishError", "error"],
    ],
    tags: ["resting", "failed"],
    steps: {
      attempts: [
        { version: 1, since: at(0), until: at(4), ended_version: 2, end: "retried", failure: busy },
        { version: 3, since: at(8), until: at(12), ended_version: 4, end: "failed", failure: busy },
      ],
    },
  },
]

const sourceOf = ({ title, lines, tags, steps: more }: Life): TraceSource => {
  let from = "none"
  const transitions = lines.map(([event, to, { epoch = 3, ...detail } = {}], index): ChatTransition => {
    const row = { version: index + 1, event, detail, from, to, machine_version: 1, created_at: at(index * 4) }
    from = to
    return { ...row, epoch: Number(epoch), ...(index === 0 && { actor_user_id: "olga" }) }
  })
  const status = statusOfActivity(from) ?? "running"
  const context = { queue: 0, steer: 0, archived: false, resume: "generate", attempt: 1, steps: 0 }
  const state = { version: lines.length, status, life: from, mode: "normal", context }
  const entered = transitions.findLast((row) => row.from !== row.to)
  const steps: ChatSteps = {
    first_version: 1,
    began: at(0),
    times: lines.map((_, index) => index * 1000),
    last_version: lines.length,
    states: [
      {
        version: entered?.version ?? 1,
        event: entered?.event ?? "",
        activity: from,
        status,
        since: entered?.created_at ?? at(0),
      },
    ],
    prompts: [{ message_id: 1, version: 1, since: at(0), sent_by: "olga" }],
    ...{ attempts: [], calls: [], owners: [] },
    ...more,
  }
  const definition = {
    ...{ id: "chat", version: 1, transitions: [] },
    states: [{ path: `life.${from}`, type: "atomic" as const, tags, effects: [] }],
  }
  return {
    kind: "file",
    chatId: "gallery",
    key: `gallery ${title}`,
    steps: () => Promise.resolve(steps),
    machine: () =>
      Promise.resolve({
        ...state,
        definition,
        machine_version: 1,
        owner: { instance: null, epoch: 3, recovery_attempts: 0 },
        ...{ deadlines: [], pending_calls: [], accepts: [], refuses: [] },
      }),
    at: () => Promise.resolve({ ...state, messages: [], queued_messages: [], pending_calls: [] }),
    transitions: () => Promise.resolve({ transitions, has_more: false }),
    about: () =>
      Promise.resolve({
        ...{ title, ownerId: "olga", ownerName: "olga", lastError: undefined, queuePosition: undefined },
        models: new Map([["m", "Sonnet"]]),
      }),
    attempts: () => Promise.resolve([]),
  }
}

const sources = lives.map(sourceOf)

const lost: Attempt = {
  history_version: 1,
  attempt: 1,
  started_at: at(0),
  ended_at: at(4),
  reason: "crash",
  content: [{ type: "text", text: "All tests pass. Next I read the policy from the environment and keep the old na" }],
}

const nothing = () => undefined

export const WhyPieces = () => {
  const [store] = useState(() => createStreamStore(emptyStream))
  return (
    <>
      <section aria-label="Why" className="flex min-w-0 flex-col gap-3">
        <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Why</h2>
        {sources.map((source) => (
          <TraceViewProvider key={source.key} value={{ source, version: undefined, goTo: nothing }}>
            <WhyLine label={`Why, ${source.key}`} />
          </TraceViewProvider>
        ))}
      </section>
      <section aria-label="Lost attempts" className="flex min-w-0 flex-col gap-3">
        <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Lost attempts</h2>
        <StreamStoreContext value={store}>
          <LostAttempt attempt={lost} id="lost open" open />
          <LostAttempt attempt={{ ...lost, reason: "retry" }} id="lost" open={false} />
        </StreamStoreContext>
      </section>
    </>
  )
}
