import { useQueryClient } from "@tanstack/react-query"
import { Play } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { AnswerView } from "./answer-view.tsx"
import type { ApiReference, Route } from "./api-document.ts"
import { CodeTabs } from "./code-tabs.tsx"
import { faultOf, RequestForm } from "./request-form.tsx"
import { addressOf, curlText, fetchText, hiddenSecrets, isHeaderText } from "./request-text.ts"
import { RunDialog } from "./run-dialog.tsx"
import { type Reply, runRequest } from "./run-request.ts"
import { useExample } from "./use-example.ts"

const KEY = "Idempotency-Key"

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError"

type Outcome = { readonly reply: Reply } | { readonly failed: true } | undefined

/** One request at a time. Nothing of its answer outlives the panel. */
const useRun = () => {
  const queryClient = useQueryClient()
  const [outcome, setOutcome] = useState<Outcome>()
  const [busy, setBusy] = useState(false)
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  const run = async (request: Parameters<typeof runRequest>[0]) => {
    running.current?.abort()
    const abort = new AbortController()
    running.current = abort
    setBusy(true)
    setOutcome(undefined)
    try {
      setOutcome({ reply: await runRequest(request, abort.signal) })
    } catch (error) {
      if (isAbort(error)) return
      setOutcome({ failed: true })
    }
    setBusy(false)
    // What the other examples name may be another thing from now on.
    if (request.method !== "GET") void queryClient.invalidateQueries({ queryKey: ["api-own-values"] })
  }
  return { run, outcome, busy }
}

interface TryPanelProps {
  readonly route: Route
  readonly reference: ApiReference
}

/** The example of a route: to be changed, copied, and run with the session of this page. */
export const TryPanel = ({ route, reference }: TryPanelProps) => {
  const example = useExample(route, reference)
  const { run, outcome, busy } = useRun()
  const [asking, setAsking] = useState(false)
  const address = addressOf(route, example.values)
  const fault = example.body === undefined ? undefined : faultOf(example.body)
  const idempotencyKey = example.values[KEY]
  const parts = {
    method: route.method,
    address,
    body: example.body === undefined || fault !== undefined ? undefined : (JSON.parse(example.body) as unknown),
    secrets: route.secrets,
    isOpen: route.isOpen,
    idempotencyKey,
  }
  const carryOut = () => {
    setAsking(false)
    void run({ method: route.method, address, body: example.body, idempotencyKey, isOpen: route.isOpen })
  }
  const unfinished = fault !== undefined || address.includes("{") || !isHeaderText(idempotencyKey ?? "")
  return (
    <section aria-label={`Example: ${route.summary}`} className="flex flex-col gap-4">
      <RequestForm operation={route} example={example} />
      <div className="flex flex-wrap items-center gap-3">
        <Button
          look="primary"
          busy={busy}
          disabled={unfinished || example.pending}
          onClick={() => (route.method === "GET" ? carryOut() : setAsking(true))}
        >
          {!busy && <Play aria-hidden className="size-3.5" />}
          Run
        </Button>
        <p className="text-xs text-ink-faint">
          {route.isOpen
            ? "Runs without your session: whoever is signed in here stays so."
            : route.method === "GET"
              ? "Runs as you, with the session of this page."
              : "Runs as you, with the session of this page. You are asked before."}
        </p>
      </div>
      <RunDialog
        route={route}
        address={address}
        body={parts.body === undefined ? undefined : hiddenSecrets(parts.body, route.secrets)}
        open={asking}
        onClose={() => setAsking(false)}
        onRun={carryOut}
      />
      {outcome !== undefined &&
        ("reply" in outcome ? (
          <AnswerView
            reply={outcome.reply}
            secret={route.secrets.some((field) => outcome.reply.text.includes(`"${field}"`))}
          />
        ) : (
          <Callout tone="danger" role="alert" title="No answer came">
            The server cannot be reached. Check that it runs, then try again.
          </Callout>
        ))}
      {fault === undefined && (
        <CodeTabs
          texts={[
            { title: "curl", text: curlText(parts) },
            { title: "JavaScript", text: fetchText(parts) },
          ]}
        />
      )}
    </section>
  )
}
