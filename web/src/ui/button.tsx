import type { ComponentProps } from "react"
import { Spinner } from "./spinner.tsx"

const looks = {
  primary: "bg-primary text-on-primary hover:bg-primary-hover",
  plain: "border border-line-strong bg-raised text-ink hover:bg-hover",
  quiet: "text-ink-soft hover:bg-hover hover:text-ink",
}

interface ButtonProps extends ComponentProps<"button"> {
  readonly look?: keyof typeof looks
  /** Work that the button started is going on: it cannot be pressed, and says so. */
  readonly busy?: boolean
}

export const Button = ({ look = "plain", busy = false, className = "", children, disabled, ...rest }: ButtonProps) => (
  <button
    type="button"
    {...rest}
    disabled={disabled === true || busy}
    aria-busy={busy || undefined}
    className={`inline-flex h-9 shrink-0 items-center justify-center gap-2 rounded-control px-3.5 text-md font-medium whitespace-nowrap transition-colors disabled:opacity-55 ${looks[look]} ${className}`}
  >
    {busy && <Spinner />}
    {children}
  </button>
)

interface IconButtonProps extends ComponentProps<"button"> {
  /** The button's name, also shown as its tooltip. */
  readonly label: string
  readonly size?: "normal" | "small"
}

export const IconButton = ({ label, size = "normal", className = "", ...rest }: IconButtonProps) => (
  <button
    type="button"
    aria-label={label}
    title={label}
    {...rest}
    className={`inline-flex ${size === "small" ? "size-7" : "size-8"} shrink-0 items-center justify-center rounded-control text-ink-soft transition-colors hover:bg-hover hover:text-ink disabled:opacity-50 [&>svg]:size-4 ${className}`}
  />
)
