import type { ReactNode } from "react"
import { Timer } from "../chats/timer.tsx"
import { useStream } from "../stream/store.ts"
import { Spinner } from "../ui/spinner.tsx"
import { type Activity, turnSoFar } from "./activity.ts"

const sameTurn = (a: ReturnType<typeof turnSoFar>, b: ReturnType<typeof turnSoFar>): boolean =>
  a.began === b.began && a.step === b.step

const TurnSoFar = () => {
  const { began, step } = useStream(({ stream }) => turnSoFar(stream), sameTurn)
  if (began === undefined) return null
  return (
    <span className="ml-auto shrink-0 pl-3 text-xs text-ink-faint">
      step {step}, <Timer since={began} />
    </span>
  )
}

const isSame = (a: Activity, b: Activity): boolean => a.words === b.words && a.since === b.since

interface ActivityLineProps {
  /** What is done, from the stream; or words that the stream has nothing to add to. */
  readonly activity: Parameters<typeof useStream<Activity>>[0] | string
  readonly icon?: ReactNode
}

const NOTHING: Activity = { words: "", since: undefined }

/** What the running turn does just now, and for how long. */
export const ActivityLine = ({ activity, icon }: ActivityLineProps) => {
  const told = useStream(typeof activity === "string" ? () => NOTHING : activity, isSame)
  const words = typeof activity === "string" ? activity : told.words
  return (
    <div className="flex min-h-8 items-center gap-2.5 text-sm text-ink-soft">
      <span className="flex size-4 shrink-0 items-center justify-center text-accent">{icon ?? <Spinner />}</span>
      <span className="min-w-0 truncate">{words}</span>
      <span className="text-ink-faint">
        <Timer key={words} since={told.since} />
      </span>
      <TurnSoFar />
    </div>
  )
}
