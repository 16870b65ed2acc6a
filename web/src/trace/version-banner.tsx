import { useQuery } from "@tanstack/react-query"
import { ChevronLeft, ChevronRight } from "lucide-react"
import type { ReactNode } from "react"
import { IconButton } from "../ui/button.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { clockMs } from "./figures.ts"
import { chatTimes } from "./scrubber/time-axis.ts"
import { stepsQuery } from "./trace-queries.ts"
import { useTraceView } from "./trace-source.ts"

interface Said {
  readonly words: ReactNode
  readonly tone: "now" | "past" | "wrong"
}

interface VersionBannerProps {
  /** What the address says in place of a version, where it is none. */
  readonly noVersion?: string | undefined
}

const looks = {
  now: "text-ink-faint",
  past: "bg-accent-fill text-accent",
  wrong: "bg-warning-fill text-warning",
}

/** Which version is looked at, and the way back to now. */
export const VersionBanner = ({ noVersion }: VersionBannerProps) => {
  const { source, version, goTo } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  if (steps === undefined) return <div className="h-9 shrink-0 border-b border-line" />
  const { first_version: first, last_version: last } = steps
  const shown = version ?? last
  const saidOf = (): Said => {
    if (noVersion !== undefined && version === undefined) {
      return {
        tone: "wrong",
        words: `“${noVersion}” is no version: they are the numbers from ${first} to ${last}. You see the chat as it is now.`,
      }
    }
    if (version === undefined) return { tone: "now", words: `You see the chat as it is now, version ${last}.` }
    if (version > last) {
      return { tone: "wrong", words: `There is no version ${version} yet: the chat has come to version ${last}.` }
    }
    if (version < first) {
      return {
        tone: "wrong",
        words: `Version ${version} is older than what is told at once, which begins at version ${first}.`,
      }
    }
    const time = clockMs(chatTimes(steps, 0).timeOf(version))
    return {
      tone: "past",
      words: (
        <>
          You see version{" "}
          <b className="font-semibold">
            {version} of {last}
          </b>
          , {time}. <span className="@max-2xl:hidden">Conversation, queue and calls are as they were then.</span>
        </>
      ),
    }
  }
  const { tone, words } = saidOf()
  return (
    <div className={`@container shrink-0 border-b border-line ${looks[tone]}`}>
      <div className="flex min-h-9 items-center gap-2 px-3 text-sm">
        <IconButton
          label="Version before"
          size="small"
          disabled={shown <= first}
          onClick={() => goTo(Math.min(last, shown - 1))}
        >
          <ChevronLeft aria-hidden />
        </IconButton>
        <IconButton
          label="Version after"
          size="small"
          disabled={version === undefined}
          onClick={() => goTo(shown + 1 >= last ? undefined : Math.max(first, shown + 1))}
        >
          <ChevronRight aria-hidden />
        </IconButton>
        <p className="min-w-0 py-1 tabular-nums">{words}</p>
        {version !== undefined && (
          <button
            type="button"
            onClick={() => goTo(undefined)}
            className="shrink-0 rounded-small font-semibold underline underline-offset-4 pointer-coarse:min-h-11"
          >
            Back to now
          </button>
        )}
        <span
          aria-hidden
          className="ml-auto flex shrink-0 items-center gap-1.5 text-2xs text-ink-faint @max-3xl:hidden [@media(hover:none)]:hidden"
        >
          <Kbd keys="←" />
          <Kbd keys="→" />
          step
          <Kbd keys="Esc" />
          now
        </span>
      </div>
    </div>
  )
}
