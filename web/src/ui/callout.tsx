import { CircleAlert, Info, type LucideIcon, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"

const tones: Record<
  "danger" | "warning" | "info",
  { readonly look: string; readonly icon: string; readonly Icon: LucideIcon }
> = {
  danger: { look: "border-danger/25 bg-danger-fill", icon: "text-danger", Icon: CircleAlert },
  warning: { look: "border-warning/25 bg-warning-fill", icon: "text-warning", Icon: TriangleAlert },
  info: { look: "border-line bg-sunken", icon: "text-ink-faint", Icon: Info },
}

interface CalloutProps {
  readonly tone: keyof typeof tones
  readonly title: string
  /** `alert` for what just went wrong, `status` for what goes on, none for what was there before. */
  readonly role?: "alert" | "status"
  /** In place of the one of the tone. */
  readonly Icon?: LucideIcon
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

/** A notice in the flow of a page. */
export const Callout = ({ tone, title, role, Icon = tones[tone].Icon, children, actions }: CalloutProps) => {
  const { look, icon } = tones[tone]
  return (
    <div role={role} className={`flex gap-2.5 rounded-card border px-3.5 py-2.5 text-sm ${look}`}>
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${icon}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-ink">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-ink-soft [overflow-wrap:anywhere]">{children}</div>}
        {actions !== undefined && actions !== false && (
          <div className="mt-2.5 flex flex-wrap gap-2 empty:hidden">{actions}</div>
        )}
      </div>
    </div>
  )
}
