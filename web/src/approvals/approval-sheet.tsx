import { Check, ShieldQuestion, X } from "lucide-react"
import { type ReactNode, useId, useMemo, useRef, useState } from "react"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import type { Verdict } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { TextField } from "../ui/field.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { AskedCallRow } from "./asked-call-row.tsx"
import { groupCalls, ruleKey, rulesOffered } from "./asked-calls.ts"
import { type Decision, MAX_REASON } from "./decide.ts"
import { useSettled, useSheetFocus, useSheetKeys } from "./sheet-keys.ts"

interface ApprovalSheetProps {
  readonly approvals: ReadonlyArray<Approval>
  readonly onDecide: (decision: Decision) => void
  /** What was decided is on its way. */
  readonly deciding: Verdict | undefined
  /** Why nothing can be answered here, as a sentence. */
  readonly refusal?: string | undefined
}

const toggled = (set: ReadonlySet<string>, member: string, isIn: boolean): ReadonlySet<string> => {
  const next = new Set(set)
  if (isIn) next.add(member)
  else next.delete(member)
  return next
}

const KEY_ON_PRIMARY = "[&_kbd]:border-current/45 [&_kbd]:bg-transparent [&_kbd]:text-inherit"

const KeyHint = ({ keys }: { readonly keys: string }) => (
  <span aria-hidden className="max-md:hidden pointer-coarse:hidden">
    <Kbd keys={keys} />
  </span>
)

interface FootProps {
  readonly count: number
  readonly deciding: Verdict | undefined
  readonly answer: (verdict: Verdict) => void
  /** Undefined while none is asked for. */
  readonly reason: string | undefined
  readonly onReason: (reason: string) => void
}

/** The answers. A reason for a denial only where a person wants to give one. */
const Foot = ({ answer, count, deciding, onReason, reason }: FootProps) => {
  const none = count === 0 || deciding !== undefined
  return (
    <footer className="flex flex-col gap-2.5 border-t border-line bg-warning-fill px-3.5 py-2.5 max-md:pb-[max(0.625rem,env(safe-area-inset-bottom))]">
      {reason !== undefined && (
        // Not a form: Enter in the field would have to be one of the answers.
        <TextField
          label="Reason"
          autoFocus
          value={reason}
          maxLength={MAX_REASON}
          placeholder="The agent reads it and goes on from there."
          onChange={({ target }) => onReason(target.value)}
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          look="primary"
          busy={deciding === "approve"}
          disabled={none}
          onClick={() => answer("approve")}
          className={`max-md:flex-[2] ${KEY_ON_PRIMARY}`}
        >
          {deciding !== "approve" && <Check aria-hidden className="size-4" />}
          Approve {count}
          <KeyHint keys="A" />
        </Button>
        <Button busy={deciding === "deny"} disabled={none} onClick={() => answer("deny")} className="max-md:flex-1">
          {deciding !== "deny" && <X aria-hidden className="size-4" />}
          Deny {count}
          <KeyHint keys="D" />
        </Button>
        {reason === undefined && (
          <Button look="quiet" disabled={none} onClick={() => onReason("")}>
            Deny with a reason
          </Button>
        )}
        <p className="ml-auto text-xs text-ink-faint pointer-coarse:hidden max-md:hidden">
          Keys work while this sheet has focus
        </p>
      </div>
    </footer>
  )
}

const GroupOf = ({
  heading,
  reasons,
  children,
}: {
  readonly heading: string
  readonly reasons: ReadonlyArray<string>
  readonly children: ReactNode
}) => {
  const id = useId()
  return (
    <div role="group" aria-labelledby={id}>
      <h3 id={id} className="text-xs text-ink-soft">
        {heading}
      </h3>
      {reasons.map((reason) => (
        <p key={reason} className="text-2xs text-ink-faint">
          {reason}
        </p>
      ))}
      <ul>{children}</ul>
    </div>
  )
}

/**
 * Asks a person about calls, however many there are, in one place and with one answer. Keys act while the focus is in it, and
 * neither they nor the buttons in its first moments, or in those of a call that comes to it.
 */
export const ApprovalSheet = ({ approvals, deciding, onDecide, refusal }: ApprovalSheetProps) => {
  const sheet = useRef<HTMLDivElement>(null)
  const id = useId()
  const groups = useMemo(() => groupCalls(approvals), [approvals])
  const offered = useMemo(() => rulesOffered(approvals), [approvals])
  // What was left out by the person: a call that comes later is among the others.
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set())
  const [allowed, setAllowed] = useState<ReadonlySet<string>>(new Set())
  const [reason, setReason] = useState<string>()
  const [detailed, setDetailed] = useState<ReadonlySet<string>>(new Set())
  const isSettled = useSettled(approvals.map((approval) => approval.id))
  useSheetFocus(sheet)

  const ticked = approvals.filter((approval) => !leftOut.has(approval.id))
  const allShown = approvals.every((approval) => detailed.has(approval.id))
  const answer = (verdict: Verdict, calls: ReadonlyArray<Approval>) => {
    if (calls.length === 0 || deciding !== undefined || refusal !== undefined || !isSettled()) return
    // Not on a button that cannot be pressed any more: the keys are for what is left as well.
    sheet.current?.focus({ preventScroll: true })
    const allow = [...offered.values()].filter((rule) => allowed.has(ruleKey(rule)))
    onDecide({ calls, verdict, ...(verdict === "approve" ? { allow } : reason !== undefined && { reason }) })
  }

  useSheetKeys(sheet, (key) => answer(key === "deny" ? "deny" : "approve", key === "approve all" ? approvals : ticked))

  return (
    <div
      ref={sheet}
      role="group"
      tabIndex={-1}
      data-approvals
      aria-labelledby={`${id}-title`}
      className="appear flex max-h-[min(60dvh,36rem)] flex-col overflow-hidden rounded-composer border border-s-approval/70 bg-raised text-sm shadow-composer outline-none focus-within:border-s-approval focus-within:ring-2 focus-within:ring-s-approval/30 max-md:max-h-[70dvh] max-md:rounded-b-none"
    >
      <header className="flex items-center gap-2.5 px-3.5 pt-2.5 pb-1.5">
        <ShieldQuestion aria-hidden className="size-4 shrink-0 text-s-approval-ink" />
        <h2 id={`${id}-title`} className="min-w-0 flex-1 font-semibold text-ink">
          {approvals.length === 1 ? "1 call waits for you" : `${approvals.length} calls wait for you`}
        </h2>
        <Button
          look="quiet"
          aria-pressed={allShown}
          onClick={() => setDetailed(allShown ? new Set() : new Set(approvals.map((approval) => approval.id)))}
        >
          {allShown ? "Hide all arguments" : "Show all arguments"}
        </Button>
      </header>
      <div className="flex min-h-0 flex-col gap-2.5 overflow-y-auto px-3.5 pb-2.5">
        {groups.map(({ calls, heading, reasons, tool }) => (
          <GroupOf key={tool} heading={heading} reasons={reasons}>
            {calls.map((asked) => {
              const call = asked.approval.id
              const rule = offered.get(call)
              return (
                <AskedCallRow
                  key={call}
                  asked={asked}
                  ticked={!leftOut.has(call)}
                  onTick={(isIn) => setLeftOut(toggled(leftOut, call, !isIn))}
                  detailed={detailed.has(call)}
                  onDetail={() => setDetailed(toggled(detailed, call, !detailed.has(call)))}
                  rule={rule}
                  ruleTicked={rule !== undefined && allowed.has(ruleKey(rule))}
                  onTickRule={(isIn) => rule !== undefined && setAllowed(toggled(allowed, ruleKey(rule), isIn))}
                />
              )
            })}
          </GroupOf>
        ))}
      </div>
      {refusal === undefined ? (
        <Foot
          count={ticked.length}
          deciding={deciding}
          answer={(verdict) => answer(verdict, ticked)}
          reason={reason}
          onReason={setReason}
        />
      ) : (
        <p className="border-t border-line px-3.5 py-2.5 text-ink-soft">{refusal}</p>
      )}
    </div>
  )
}
