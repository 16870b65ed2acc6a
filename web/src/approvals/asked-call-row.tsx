import { useId } from "react"
import type { ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { ShowInTrace } from "../chat/show-in-trace.tsx"
import { generic } from "../tools/generic.tsx"
import { JsonBlock } from "../tools/json-block.tsx"
import { rendererOf } from "../tools/registry.ts"
import { type AskedCall, ruleSubject } from "./asked-calls.ts"

const box = "size-4 shrink-0 accent-accent pointer-coarse:size-5"

interface AllowRuleProps {
  readonly rule: ToolPolicyRule
  readonly ticked: boolean
  readonly onTick: (ticked: boolean) => void
}

/** For calls to come as well. Off until a person ticks it. */
const AllowRule = ({ rule, ticked, onTick }: AllowRuleProps) => (
  <label
    title="Also with anything behind it"
    className="flex min-h-6 min-w-0 items-center gap-2 text-xs text-ink-soft max-md:order-last max-md:w-full max-md:pl-6.5 md:max-w-[50%] pointer-coarse:min-h-11"
  >
    <input type="checkbox" checked={ticked} onChange={({ target }) => onTick(target.checked)} className={box} />
    <span className="min-w-0 [overflow-wrap:anywhere]">
      Allow <code className="font-mono text-ink">{ruleSubject(rule)} …</code> for the rest of this chat
    </span>
  </label>
)

/** Everything that the call says, as its tool shows it and as it is. */
const Details = ({ call }: Pick<AskedCall, "call">) => {
  const renderer = rendererOf(call.name)
  const { Body } = renderer
  return (
    <div className="flex flex-col gap-2 pb-1 pl-6.5">
      {renderer.hasBody(call) && Body !== generic.Body && call.name !== "execute" && <Body call={call} />}
      <JsonBlock label="Input" value={call.args} />
      <div className="-mt-1 self-end">
        <ShowInTrace what={{ call: call.id }} />
      </div>
    </div>
  )
}

interface AskedCallRowProps {
  readonly asked: AskedCall
  readonly ticked: boolean
  readonly onTick: (ticked: boolean) => void
  readonly detailed: boolean
  readonly onDetail: () => void
  readonly rule: ToolPolicyRule | undefined
  readonly ruleTicked: boolean
  readonly onTickRule: (ticked: boolean) => void
}

/** One call on the sheet: whether it is among those that are answered, and what it would do. */
export const AskedCallRow = ({ asked, ticked, onTick, detailed, onDetail, rule, ...allow }: AskedCallRowProps) => {
  const id = useId()
  const { call, notes, whole } = asked
  return (
    <li className="flex flex-col gap-0.5 border-line py-1.5 not-first:border-t">
      <div className="flex min-w-0 flex-wrap items-start gap-x-2.5">
        <label className="flex min-h-6 min-w-40 flex-1 items-start gap-2.5 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={ticked}
            onChange={({ target }) => onTick(target.checked)}
            className={`mt-1 ${box}`}
          />
          <code className="min-w-0 py-0.5 font-mono text-sm whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
            {whole}
          </code>
        </label>
        {notes.length > 0 && (
          <span className="max-w-[40%] rounded-small bg-warning-fill px-1.5 py-0.5 text-2xs text-warning [overflow-wrap:anywhere]">
            {notes.join(", ")}
          </span>
        )}
        {rule !== undefined && <AllowRule rule={rule} ticked={allow.ruleTicked} onTick={allow.onTickRule} />}
        <button
          type="button"
          aria-expanded={detailed}
          aria-controls={detailed ? id : undefined}
          onClick={onDetail}
          className="shrink-0 rounded-control px-1.5 py-0.5 text-xs text-ink-soft transition-colors hover:bg-hover hover:text-ink pointer-coarse:min-h-11"
        >
          {detailed ? "Hide" : "Show"}
          <span className="sr-only"> all of {whole}</span>
        </button>
      </div>
      {detailed && (
        <div id={id}>
          <Details call={call} />
        </div>
      )}
    </li>
  )
}
