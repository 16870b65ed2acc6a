import { type ReactNode, useEffect } from "react"
import { Bar } from "../ui/bar.tsx"

interface SettingsPageProps {
  readonly title: string
  readonly note?: string
  /** It stands beside a list that phones show on its own: there is a way back to it. */
  readonly beside?: boolean
  /** What can be done with all of it, in the bar. */
  readonly actions?: ReactNode
  /** For tables with more columns than a page of reading is wide. */
  readonly wide?: boolean
  readonly children: ReactNode
}

/** The frame of a page of the settings or the library. On phones its title leaves room for the way back. */
export const SettingsPage = ({ title, note, beside = true, actions, wide = false, children }: SettingsPageProps) => {
  useEffect(() => {
    document.title = `${title} · Troupe`
  }, [title])
  return (
    <>
      <Bar
        title={title}
        {...(note !== undefined && { note })}
        lead={beside && <span aria-hidden className="w-5 shrink-0 md:hidden" />}
      >
        {actions}
      </Bar>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className={`${wide ? "mx-auto w-full max-w-300 px-5" : "reading-column"} flex flex-col gap-8 pt-6 pb-16`}>
          {children}
        </div>
      </div>
    </>
  )
}
