import { useStream, type Verdict } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { useDecide } from "./decide.ts"
import { useKeepFocus } from "./keep-focus.ts"

/** At the foot of the timeline: that calls wait for a person, and one answer for all of them where there are several. */
export const ApprovalsWaiting = () => {
  const approvals = useStream(({ stream }) => stream.approvals)
  const decide = useDecide()
  const { box, answered } = useKeepFocus()
  const answerAll = (verdict: Verdict) => {
    answered()
    decide.mutate({ calls: approvals, verdict })
  }
  const several = approvals.length > 1
  return (
    <div ref={box}>
      <Callout
        tone="warning"
        title={
          several ? `${approvals.length} tool calls wait for your approval` : "A tool call waits for your approval"
        }
        actions={
          several ? (
            <>
              <Button disabled={decide.isPending} onClick={() => answerAll("approve")}>
                Approve all
              </Button>
              <Button disabled={decide.isPending} onClick={() => answerAll("deny")}>
                Deny all
              </Button>
            </>
          ) : undefined
        }
      >
        {several
          ? "The agent goes on when each is approved or denied."
          : "The agent goes on when you approve or deny it."}
      </Callout>
    </div>
  )
}
