import { type ReactNode, useState } from "react"
import { AnswerView } from "../reference/answer-view.tsx"
import { AnswersTable } from "../reference/answers-table.tsx"
import type { Route } from "../reference/api-document.ts"
import { CodeTabs } from "../reference/code-tabs.tsx"
import { HeardEvents } from "../reference/listen-panel.tsx"
import type { HeardEvent, Listening } from "../reference/listening.ts"
import { OperationHead } from "../reference/operation-head.tsx"
import { RunDialog } from "../reference/run-dialog.tsx"
import type { Reply } from "../reference/run-request.ts"
import { SchemaTable } from "../reference/schema-table.tsx"
import { States } from "../reference/status-page.tsx"
import { Button } from "../ui/button.tsx"

/** Pieces of the page of the API, in every state. */

const route: Route = {
  kind: "route",
  name: "deleteThing",
  method: "DELETE",
  path: "/api/v2/things/{thing}",
  summary: "Delete a thing",
  description: ["It is gone, and `GET /things` does not list it any more."],
  whoMay: "Whoever is signed in.",
  isOpen: false,
  secrets: [],
  parameters: [],
  body: undefined,
  answers: [],
}

const reply = (more: Partial<Reply>): Reply => ({
  status: 200,
  statusText: "OK",
  ms: 12,
  headers: [
    ["content-type", "application/json"],
    ["x-request-id", "5f0c"],
  ],
  text: '{"id":"x","count":3,"ready":true,"title":"\u202eturned around","list":[null,-1.5e3]}',
  cut: false,
  ...more,
})

const events: ReadonlyArray<HeardEvent> = ["status", "message_part", "a-name-that-nobody-would-give-to-an-event"].map(
  (name, index) => ({ id: index, at: Date.UTC(2026, 10, 12, 14, 21, index), name, text: `{"type":"${name}"}` }),
)

const listening: Listening = { state: "open", events, count: 3, ended: undefined }

const schema = {
  type: "object",
  required: ["content"],
  properties: {
    content: { type: "array", items: { $ref: "#/components/schemas/Part" }, minItems: 1, description: "What you say." },
    mode: { type: "string", enum: ["queue", "steer"], description: "What becomes of it: `queue` waits." },
    limit: { type: "integer", minimum: 1, maximum: 200 },
  },
}
const schemas = { Part: { type: "object", properties: { text: { type: "string", maxLength: 2000 } } } }

const Piece = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <section aria-label={name} className="flex min-w-0 flex-col gap-3">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
    {children}
  </section>
)

const Asking = () => {
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete a thing</Button>
      <RunDialog
        route={route}
        address="/api/v2/things/7"
        body={'{"why": "•••"}'}
        open={open}
        onClose={close}
        onRun={close}
      />
    </>
  )
}

export const ReferencePieces = () => (
  <>
    <Piece name="API: an operation">
      <OperationHead operation={route} />
      <CodeTabs
        texts={[
          { title: "curl", text: 'curl -X DELETE "$TROUPE_URL/api/v2/things/7"' },
          { title: "JavaScript", text: "await fetch(url)" },
        ]}
      />
      <Asking />
    </Piece>
    <Piece name="API: fields and answers">
      <SchemaTable label="Fields of a thing" schema={schema} schemas={schemas} />
      <AnswersTable
        answers={[
          { status: "200", description: "What was asked for.", schema: undefined },
          { status: "409", description: "The chat is `running`.", schema: undefined },
        ]}
      />
    </Piece>
    <Piece name="API: an answer">
      <AnswerView reply={reply({})} secret={false} />
    </Piece>
    <Piece name="API: an answer with a secret, cut">
      <AnswerView reply={reply({ status: 201, statusText: "Created", text: "[1, 2", cut: true })} secret />
    </Piece>
    <Piece name="API: refused, failed, empty">
      <AnswerView reply={reply({ status: 409, statusText: "Conflict", text: '{"message":"No."}' })} secret={false} />
      <AnswerView reply={reply({ status: 502, statusText: "Bad Gateway", text: "<html>" })} secret={false} />
      <AnswerView reply={reply({ status: 204, statusText: "No Content", text: "", headers: [] })} secret={false} />
    </Piece>
    <Piece name="API: live events">
      <HeardEvents listening={listening} />
      <HeardEvents listening={{ ...listening, state: "ended", ended: "Too slow. Connect again.", count: 4000 }} />
    </Piece>
    <Piece name="API: states">
      <States
        showsStatus
        states={[
          {
            name: "running.executing",
            status: "running",
            tags: ["slot"],
            effects: ["execute"],
            ways: [{ event: "Interrupt", to: "running.interrupting", guard: undefined }],
          },
          { name: "arriving", status: undefined, tags: [], effects: [], ways: [] },
        ]}
      />
    </Piece>
  </>
)
