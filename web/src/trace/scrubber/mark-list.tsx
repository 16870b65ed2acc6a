import { CircleHelp, type LucideIcon, RotateCw, Server, ShieldQuestionMark, TriangleAlert } from "lucide-react"
import { useMemo } from "react"
import { clockMs } from "../figures.ts"
import type { ChatLife } from "../shown-version.ts"
import { useTraceView } from "../trace-source.ts"
import { type MarkKind, marksOf, placeMarks, WORDS_PX } from "./marks.ts"
import type { TimeAxis } from "./time-axis.ts"

const looks: Readonly<Record<MarkKind, { readonly Icon: LucideIcon; readonly words: string; readonly look: string }>> =
  {
    retry: { Icon: RotateCw, words: "Tried again", look: "text-s-backing_off-ink" },
    handover: { Icon: Server, words: "Hand-over", look: "text-ink-soft" },
    approval: { Icon: ShieldQuestionMark, words: "Approval", look: "text-s-approval-ink" },
    question: { Icon: CircleHelp, words: "Question", look: "text-s-client_tools-ink" },
    failure: { Icon: TriangleAlert, words: "Failed", look: "text-s-error-ink" },
  }

interface MarksProps {
  readonly life: ChatLife
  readonly axis: TimeAxis
  readonly width: number
}

/** What stands out in the chat's life, beneath the axis. Each leads to its version. */
export const Marks = ({ life, axis, width }: MarksProps) => {
  const { goTo } = useTraceView()
  const marks = useMemo(() => marksOf(life.steps), [life.steps])
  const placed = useMemo(() => placeMarks(marks, axis.place, width), [marks, axis, width])
  return (
    <ul aria-label="What stood out" className="relative mt-1 h-4.5 overflow-hidden pointer-coarse:h-7">
      {placed.map(({ count, kind, time, version, worded, x }) => {
        const { Icon, look, words } = looks[kind]
        const says = count === 1 ? words : `${words}, ${count} times`
        return (
          <li
            key={version}
            className="absolute top-0"
            style={x > width - 24 || (worded && x > width - WORDS_PX) ? { right: 0 } : { left: Math.max(0, x - 7) }}
          >
            <button
              type="button"
              aria-label={`${says}, version ${version}, ${clockMs(time)}`}
              title={`${says}, ${clockMs(time)}`}
              onClick={() => goTo(version)}
              className="flex h-4.5 items-center gap-1 rounded-small text-2xs text-ink-faint hover:text-ink focus-visible:outline-offset-[-2px] pointer-coarse:h-7"
            >
              <Icon aria-hidden className={`size-3.5 ${look}`} />
              {worded && <span className="whitespace-nowrap">{count === 1 ? words : `${words} ×${count}`}</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
