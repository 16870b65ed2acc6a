import { type ReactNode, useState } from "react"
import type { Message } from "../../../src/contract/chats.ts"
import type { ChatAtVersion } from "../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../src/contract/steps.ts"
import { ConversationAt } from "../trace/conversation/conversation-at.tsx"
import { at, lifeOf } from "../trace/life-fixture.ts"
import { Scrubber } from "../trace/scrubber/scrubber.tsx"
import { StepsPane } from "../trace/steps/steps-pane.tsx"
import { type TraceSource, TraceViewProvider } from "../trace/trace-source.ts"
import { VersionBanner } from "../trace/version-banner.tsx"
import { ApiError } from "../api/client.ts"

const second = (seconds: number): string => at(seconds * 1000)
const CHAT = "6f0d9a3e-0000-4000-8000-000000000041"

const attempt = (
  version: number,
  since: number,
  first: number | undefined,
  until: number,
  more: Partial<ChatSteps["attempts"][number]> = {},
): ChatSteps["attempts"][number] => ({
  version,
  since: second(since),
  ...(first !== undefined && { first_token: second(first) }),
  until: second(until),
  ended_version: version + 1,
  end: "replied",
  cost_micros: 12_400,
  ...more,
})

const call = (
  id: string,
  message: number,
  tool_name: string,
  since: number,
  until: number,
  more: Partial<ChatSteps["calls"][number]> = {},
): ChatSteps["calls"][number] => ({
  id: `6f0d9a3e-0000-4000-8000-0000000000${id}`,
  tool_call_id: `call-${id}`,
  tool_name,
  message_id: message,
  asked: second(since),
  since: second(since),
  until: second(until),
  state: "done",
  ...more,
})

/** A chat that waited, was tried again, taken over, asked somebody, rested for hours, and failed. */
const life = lifeOf(
  [
    [0, "pending", "Create"],
    [6200, "running.generating", "Admit"],
    [9700, "running.executing", "RecordToolCalls"],
    [22_300, "running.generating", "CommitStep"],
    [23_000, "running.backing_off", "RecordRetryState"],
    [31_000, "running.generating", "RecordGenerationAttempt"],
    [36_000, "running.generating", "RecordGenerationAttempt"],
    [42_000, "requires_action.approval", "RequireApproval"],
    [64_000, "running.executing", "DecideApproval"],
    [70_000, "running.compacting", "Compact"],
    [76_000, "running.generating", "CommitCompaction"],
    [81_000, "waiting", "FinishTurn"],
    [14_481_000, "running.generating", "SendMessage"],
    [14_490_000, "error", "FinishError"],
  ],
  {
    attempts: [
      attempt(2, 6.2, 7.4, 9.7, { message_id: 2, usage: { input_tokens: 21_000, output_tokens: 214 } }),
      attempt(4, 22.3, undefined, 23, { end: "retried" }),
      attempt(6, 31, 32, 36, { end: "crashed" }),
      attempt(7, 36, 37.2, 42, { message_id: 5, usage: { input_tokens: 34_700, output_tokens: 341 } }),
      attempt(10, 70, 71, 76, { usage: { input_tokens: 36_000, output_tokens: 900 } }),
      attempt(11, 76, 76.8, 81, { usage: { input_tokens: 4_100, output_tokens: 402 } }),
      attempt(13, 14_481, 14_483, 14_490, { end: "failed" }),
    ],
    calls: [
      call("11", 2, "execute", 9.7, 22.3),
      call("12", 2, "read_file", 9.7, 10.1, { is_error: true }),
      call("13", 5, "execute", 64, 70, { asked: second(42), approval: "approved" }),
    ],
    owners: [
      { epoch: 3, version: 1, since: second(0) },
      { epoch: 4, version: 7, since: second(36) },
      { epoch: 5, version: 13, since: second(14_481) },
    ],
  },
)

const said = (id: number, role: Message["role"], content: Message["content"]): Message => ({
  id,
  chat_id: CHAT,
  created_at: second(id),
  role,
  content,
})

const messages: ReadonlyArray<Message> = [
  said(1, "user", [{ type: "text", text: "Go ahead with the plan." }]),
  said(2, "assistant", [
    { type: "text", text: "I run the tests." },
    { type: "tool-call", tool_call_id: "call-11", tool_name: "execute", args: { command: "npm test" } },
    { type: "tool-call", tool_call_id: "call-12", tool_name: "read_file", args: { path: "src/backoff.ts" } },
  ]),
]

const version = (shown: number): ChatAtVersion => {
  const state = life.states.findLast((each) => each.version <= shown)
  return {
    version: shown,
    status: state?.status ?? "waiting",
    life: state?.activity ?? "waiting",
    mode: "normal",
    context: { queue: 2, steer: 1, archived: false, resume: "generate", attempt: 1, steps: 1 },
    messages,
    queued_messages: [
      {
        id: 1,
        chat_id: CHAT,
        kind: "steer",
        created_at: second(20),
        content: [{ type: "text", text: "Keep the error name" }],
      },
      {
        id: 2,
        chat_id: CHAT,
        kind: "queue",
        created_at: second(21),
        content: [{ type: "text", text: "Then the changelog" }],
      },
    ],
    pending_calls: [
      { id: `6f0d9a3e-0000-4000-8000-000000000011`, tool_call_id: "call-11", tool_name: "execute", state: "started" },
      { id: `6f0d9a3e-0000-4000-8000-000000000012`, tool_call_id: "call-12", tool_name: "read_file", state: "planned" },
    ],
  }
}

const unused = () => Promise.reject(new ApiError(404, { message: "The gallery has none." }))

const source: TraceSource = {
  kind: "file",
  chatId: CHAT,
  key: "gallery-trace",
  steps: () => Promise.resolve(life),
  machine: unused,
  at: (shown) =>
    shown > life.last_version
      ? Promise.reject(new ApiError(404, { message: `This chat is at version ${life.last_version} only.` }))
      : Promise.resolve(version(shown)),
  transitions: unused,
  about: unused,
  attempts: () => Promise.resolve([]),
}

const waiting: TraceSource = { ...source, key: "gallery-trace-waiting", steps: () => new Promise(() => undefined) }

interface ViewProps {
  readonly name: string
  readonly of?: TraceSource
  readonly from: number | undefined
  readonly children: ReactNode
}

const View = ({ name, of = source, from, children }: ViewProps) => {
  const [shown, goTo] = useState(from)
  return (
    <TraceViewProvider value={{ source: of, version: shown, goTo }}>
      <section aria-label={name} className="flex min-w-0 flex-col gap-3">
        <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
        <div className="flex min-w-0 flex-col overflow-hidden rounded-card border border-line">{children}</div>
      </section>
    </TraceViewProvider>
  )
}

/** The pieces of Trace: now, at a version, at one that is not there, and before anything is read. */
export const TracePieces = () => (
  <>
    <View name="Trace now" from={undefined}>
      <Scrubber />
      <VersionBanner />
      <div className="flex h-50 flex-col">
        <StepsPane />
      </div>
    </View>
    <View name="Trace at a version" from={7}>
      <Scrubber />
      <VersionBanner />
      <div className="flex h-90 flex-col">
        <StepsPane />
      </div>
    </View>
    <View name="Trace conversation then" from={3}>
      <div className="flex h-100 flex-col">
        <ConversationAt />
      </div>
    </View>
    <View name="Trace no such version" from={500}>
      <Scrubber />
      <VersionBanner />
      <ConversationAt />
    </View>
    <View name="Trace not read yet" of={waiting} from={undefined}>
      <Scrubber />
      <VersionBanner />
      <StepsPane />
    </View>
  </>
)
