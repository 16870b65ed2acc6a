import { type ReactNode, useRef, useState } from "react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { EditingContext } from "../chat/editing.ts"
import { LiveStatusLine } from "../chat/live-status-line.tsx"
import { QueuedMessages } from "../chat/queued-messages.tsx"
import { Composer } from "../composer/composer.tsx"
import { ContextRing } from "../composer/context-ring.tsx"
import { keyHints } from "../composer/key-hints.ts"
import type { Mode } from "../composer/mode.ts"
import { MODES, ModeSwitch } from "../composer/mode-switch.tsx"
import { useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { type ChatStream, emptyStream } from "../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../stream/store.ts"
import { chats, me } from "./fixtures.ts"

const nothing = () => undefined
const CHAT = chats[0]?.id ?? ""

const waits = (id: number, kind: QueuedMessage["kind"], text: string): QueuedMessage => ({
  id,
  chat_id: CHAT,
  kind,
  content: [{ type: "text", text }],
  created_at: "2026-06-01T10:00:00Z",
})

const queue = [
  waits(1, "steer", "Keep the error name DeliveryGaveUp, a client depends on it"),
  waits(2, "queue", "Then write the changelog entry"),
  waits(3, "queue", "And tell the people of the billing export about it, with a link to the migration and the date"),
]

const running = { status: "running", activity: "running.executing" } as const

const WithStream = ({ stream, children }: { readonly stream: Partial<ChatStream>; readonly children: ReactNode }) => {
  const [store] = useState(() => createStreamStore({ ...emptyStream, ...stream }))
  return <StreamStoreContext value={store}>{children}</StreamStoreContext>
}

const Idle = () => {
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState("")
  const [mode, setMode] = useState<Mode>("ask")
  return (
    <Composer
      label="Empty message"
      placeholder="Describe a task, or paste an error"
      text={text}
      onText={setText}
      onSend={nothing}
      sending={false}
      canSend
      fieldRef={fieldRef}
      hints={keyHints(undefined, 0)}
    >
      <ModeSwitch options={MODES} value={mode} onChange={setMode} />
      <ModelPicker {...useModelChoice()} />
    </Composer>
  )
}

const Busy = () => {
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const [mode, setMode] = useState<Mode>("plan")
  return (
    <WithStream stream={{ status: running, queue }}>
      <Composer
        label="Message to a turn that runs"
        placeholder="Add something while it works"
        text="Keep the error name, a client depends on it"
        onText={nothing}
        onSend={nothing}
        onSendAs={nothing}
        onStop={nothing}
        sending={false}
        canSend
        canSteer
        fieldRef={fieldRef}
        above={<QueuedMessages chatId={CHAT} canChange onTaken={nothing} onGiveBack={nothing} />}
        facts={<ContextRing usage={{ used: 122_400, limit: 200_000 }} />}
        hints={keyHints(running, queue.length)}
      >
        <ModeSwitch options={MODES} value={mode} onChange={setMode} />
        <ModelPicker {...useModelChoice()} />
      </Composer>
    </WithStream>
  )
}

/** Where nobody has chosen a model, and there is no default. */
const Unchosen = () => {
  const model = useModelChoice()
  return <ModelPicker {...model} chosen={undefined} />
}

const asked = { id: 7, chat_id: CHAT, created_by: me.id, created_at: "2026-06-01T10:00:00Z", role: "user" } as const

/** Writing to a chat, and what can be done about what failed. */
export const ComposerPieces = () => (
  <section aria-label="Composer" className="flex min-w-0 flex-col gap-4">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Composer</h2>
    <Idle />
    <Busy />
    <div className="flex flex-wrap items-center gap-3">
      <Unchosen />
      <ContextRing usage={{ used: 7_000, limit: 200_000 }} />
      <ContextRing usage={{ used: 188_000, limit: 200_000 }} />
    </div>
    <EditingContext value={{ message: undefined, canEdit: () => true, start: nothing }}>
      <WithStream
        stream={{
          messages: [{ ...asked, content: [{ type: "text", text: "Go on" }] }],
          status: { status: "error", activity: "error" },
          error: {
            message: "The provider is overloaded. Try again later, or with another model.",
            kind: "overloaded",
            status_code: 529,
            retryable: true,
            attempts: 25,
          },
        }}
      >
        <LiveStatusLine chatId={CHAT} lastError={undefined} modelId={undefined} />
      </WithStream>
      <WithStream
        stream={{
          messages: [{ ...asked, content: [{ type: "text", text: "Go on" }] }],
          status: { status: "running", activity: "running.backing_off" },
          retry: {
            attempt: 2,
            max_attempts: 5,
            delay_ms: 6_000,
            error: "The provider is busy.",
            kind: "rate_limit",
            retrying_at: "2026-06-01T10:00:00Z",
          },
        }}
      >
        <LiveStatusLine chatId={CHAT} lastError={undefined} modelId={undefined} />
      </WithStream>
    </EditingContext>
  </section>
)
