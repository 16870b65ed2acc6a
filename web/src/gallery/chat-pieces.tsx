import { type ComponentProps, type ReactNode, useState } from "react"
import type { ChatError } from "../../../src/contract/chat-error.ts"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import { ApprovalSheet } from "../approvals/approval-sheet.tsx"
import { LiveStatusLine } from "../chat/live-status-line.tsx"
import { Markdown } from "../chat/markdown.tsx"
import { EditingContext } from "../chat/editing.ts"
import { MessageRow } from "../chat/message-row.tsx"
import { type ChatStream, emptyStream } from "../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../stream/store.ts"
import { ToolCallRow } from "../tools/tool-call-row.tsx"
import { asked, type CallFixture, finished, resultMessages, running } from "./tool-fixtures.ts"
import "../chat/timeline.css"

const MARKDOWN = [
  "## What was wrong",
  "",
  "Retries had **no cap**. `RETRY_LIMIT` still works for one release; see [the notes](https://example.com).",
  "",
  "1. Deliveries stop after 12 attempts",
  "2. The delay is capped at 30 minutes",
  "",
  "| File | Lines |",
  "| --- | --- |",
  "| `src/deliver/backoff.ts` | +23 −2 |",
  "",
  "```ts",
  "export const delayFor = (attempt: number) => Math.min(CAP, BASE * 2 ** attempt)",
  "```",
].join("\n")

interface StreamProps {
  readonly stream: Partial<ChatStream>
  readonly children: ReactNode
}

/** What is in it sees a chat whose stream has told this much. */
const WithStream = ({ stream, children }: StreamProps) => {
  const [store] = useState(() => createStreamStore({ ...emptyStream, ...stream }))
  return <StreamStoreContext value={store}>{children}</StreamStoreContext>
}

const Calls = ({ calls, live }: { readonly calls: ReadonlyArray<CallFixture>; readonly live: boolean }) => (
  <ul className="flex flex-col gap-4">
    {calls.map(({ title, call }) => (
      <li key={call.tool_call_id}>
        <p className="text-2xs text-ink-faint">{title}</p>
        <ToolCallRow part={call} running={live} />
      </li>
    ))}
  </ul>
)

const heading = "border-b border-line pb-1 text-xs text-ink-faint"

const failure: ChatError = {
  message: "The provider refused the credentials. Check the API key.",
  kind: "auth",
  status_code: 401,
  detail: "Incorrect API key provided.",
  retryable: false,
}

const approval: Approval = {
  id: "6f0d9a3e-0000-4000-8000-000000000900",
  tool_call_id: asked.call.tool_call_id,
  tool_name: asked.call.tool_name,
  args: JSON.stringify(asked.call.args),
  reason: "The tool policy of this deployment asks a person before execute runs.",
}

const npmTest = { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" } as const

/** Another that waits. */
const waits = (number: number, tool_name: string, args: object, more: Partial<Approval> = {}): Approval => ({
  id: `6f0d9a3e-0000-4000-8000-0000000010${String(number).padStart(2, "0")}`,
  tool_call_id: `waits-${number}`,
  tool_name,
  args: JSON.stringify(args),
  reason: `The tool policy of this chat asks a person before ${tool_name} runs.`,
  ...more,
})

const several: ReadonlyArray<Approval> = [
  waits(1, "execute", { command: "npm test -- deliveries" }, { allow_rule: npmTest }),
  waits(2, "execute", { command: "git push origin webhook-retry-cap && git tag v2", run_in_background: true }),
  waits(3, "execute", {
    command: "echo safe #\u202e txt.nim eteled ; fr- mr\u202c\u200b\nrm -rf build",
    workdir: "/srv/app",
  }),
  waits(4, "write_file", { path: "migrations/0042_attempts.sql", content: "alter table a add b int;\n" }),
  waits(5, "github__create_issue", { title: "Retries have no cap", labels: ["bug"] }),
]

const many: ReadonlyArray<Approval> = Array.from({ length: 50 }, (_, index) =>
  waits(index + 10, "execute", { command: `npm test -- part-${index + 1}` }, { allow_rule: npmTest }),
)

const sheets: ReadonlyArray<readonly [name: string, sheet: Partial<ComponentProps<typeof ApprovalSheet>>]> = [
  ["One call", { approvals: several.slice(0, 1) }],
  ["Several calls", { approvals: several }],
  ["Fifty calls", { approvals: many }],
  ["An answer on its way", { approvals: several.slice(0, 1), deciding: "approve" }],
  ["Of somebody else's chat", { approvals: several.slice(0, 1), refusal: "Only the owner of this chat can answer." }],
]

const phases: ReadonlyArray<readonly [name: string, stream: Partial<ChatStream>]> = [
  ["Waiting to start", { status: { status: "pending", activity: "pending" } }],
  ["Thinking", { status: { status: "running", activity: "running.generating" } }],
  ["Compacting", { status: { status: "running", activity: "running.compacting" } }],
  ["Stopping", { status: { status: "running", activity: "running.interrupting" } }],
  [
    "Trying again",
    {
      status: { status: "running", activity: "running.backing_off" },
      retry: {
        attempt: 2,
        delay_ms: 6_000,
        error: "The provider is busy.",
        kind: "rate_limit",
        retrying_at: "2026-06-01T10:00:00Z",
      },
    },
  ],
  ["Failed", { status: { status: "error", activity: "error" }, error: failure }],
]

/** The pieces of a conversation: messages, tool calls in all their states, and what is said of a turn that goes on. */
export const ChatPieces = () => (
  <>
    <section aria-label="Messages" className="flex min-w-0 flex-col gap-4">
      <h2 className={heading}>Messages</h2>
      <WithStream stream={{}}>
        <EditingContext value={{ message: undefined, canEdit: () => true, start: () => undefined }}>
          <MessageRow
            message={{
              id: 7,
              chat_id: "6f0d9a3e-0000-4000-8000-000000000101",
              created_at: "2026-06-01T10:00:00Z",
              role: "user",
              content: [{ type: "text", text: "Let each endpoint override the cap, and test the cutoff." }],
            }}
          />
        </EditingContext>
        <Markdown text={MARKDOWN} streaming={false} />
      </WithStream>
    </section>
    <section aria-label="What goes on" className="flex min-w-0 flex-col gap-4">
      <h2 className={heading}>What goes on</h2>
      {phases.map(([name, stream]) => (
        <WithStream key={name} stream={stream}>
          <LiveStatusLine chatId={undefined} lastError={undefined} />
        </WithStream>
      ))}
    </section>
    <section aria-label="Approvals" className="flex min-w-0 flex-col gap-4">
      <h2 className={heading}>Approvals</h2>
      {sheets.map(([name, sheet]) => (
        <ApprovalSheet key={name} approvals={[]} deciding={undefined} onDecide={() => undefined} {...sheet} />
      ))}
    </section>
    <section aria-label="Tool calls" className="flex min-w-0 flex-col gap-4">
      <h2 className={heading}>Tool calls that are over</h2>
      <WithStream stream={{ messages: resultMessages(finished) }}>
        <Calls calls={finished} live={false} />
      </WithStream>
    </section>
    <section aria-label="Tool calls under way" className="flex min-w-0 flex-col gap-4">
      <h2 className={heading}>Tool calls under way</h2>
      <WithStream
        stream={{
          status: { status: "running", activity: "running.executing" },
          preview: running.flatMap(({ result }) => result ?? []),
        }}
      >
        <Calls calls={running} live />
      </WithStream>
      <WithStream
        stream={{ status: { status: "requires_action", activity: "requires_action.approval" }, approvals: [approval] }}
      >
        <Calls calls={[asked]} live />
        <LiveStatusLine chatId={undefined} lastError={undefined} />
      </WithStream>
    </section>
  </>
)
