import { Check, ShieldQuestion, X } from "lucide-react"
import { type ReactNode, useId, useState } from "react"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import type { Verdict } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { TextField } from "../ui/field.tsx"
import { visibleText } from "../ui/visible-text.ts"
import { MAX_REASON, useDecide } from "./decide.ts"
import { useKeepFocus } from "./keep-focus.ts"

interface ApprovalCardProps {
  readonly approval: Approval
  /** What the call would do. */
  readonly children: ReactNode
}

/** Asks a person whether a call may run. */
export const ApprovalCard = ({ approval, children }: ApprovalCardProps) => {
  const decide = useDecide()
  const [reason, setReason] = useState("")
  const { box, answered } = useKeepFocus()
  const id = useId()
  const answer = (verdict: Verdict) => {
    answered()
    decide.mutate({ calls: [approval], verdict, reason })
  }

  return (
    <div
      ref={box}
      data-approval
      role="group"
      aria-labelledby={id}
      className="appear mt-1 flex flex-col gap-3 rounded-card border border-warning/25 bg-warning-fill p-4 text-sm"
    >
      <div className="flex gap-3">
        <ShieldQuestion aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
        <div className="min-w-0">
          <h2 id={id} className="font-medium text-ink">
            Approve {visibleText(approval.tool_name)}?
          </h2>
          {approval.reason !== "" && <p className="text-ink-soft">{visibleText(approval.reason)}</p>}
        </div>
      </div>
      {children}
      {/* Not a form: Enter in the field would have to be one of the two answers. */}
      <TextField
        label="Reason"
        value={reason}
        maxLength={MAX_REASON}
        placeholder="Optional. The agent reads it if you deny."
        onChange={({ target }) => setReason(target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          busy={decide.isPending && decide.variables.verdict === "approve"}
          disabled={decide.isPending}
          onClick={() => answer("approve")}
        >
          <Check aria-hidden className="size-4" />
          Approve
        </Button>
        <Button
          busy={decide.isPending && decide.variables.verdict === "deny"}
          disabled={decide.isPending}
          onClick={() => answer("deny")}
        >
          <X aria-hidden className="size-4" />
          Deny
        </Button>
      </div>
    </div>
  )
}
