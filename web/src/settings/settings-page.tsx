import { type ReactNode, useEffect } from "react"
import { Bar } from "../ui/bar.tsx"

interface SettingsPageProps {
  readonly title: string
  readonly note?: string
  /** It stands beside a list that phones show on its own: there is a way back to it. */
  readonly beside?: boolean
  readonly children: ReactNode
}

/** The frame of a page of the settings or the library. On phones its title leaves room for the way back. */
export const SettingsPage = ({ title, note, beside = true, children }: SettingsPageProps) => {
  useEffect(() => {
    document.title = `${title} · Troupe`
  }, [title])
  return (
    <>
      <Bar
        title={title}
        {...(note !== undefined && { note })}
        lead={beside && <span aria-hidden className="w-5 shrink-0 md:hidden" />}
      />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="reading-column flex flex-col gap-8 pt-6 pb-16">{children}</div>
      </div>
    </>
  )
}
