import type { ComponentProps } from "react"
import { Spinner } from "./spinner.tsx"

const looks = {
  primary:
    "border border-primary bg-primary font-semibold text-on-primary hover:border-primary-hover hover:bg-primary-hover",
  plain: "border border-line-strong bg-raised text-ink hover:bg-selected",
  quiet: "border border-transparent text-ink-soft hover:bg-hover hover:text-ink",
  "quiet-danger": "border border-transparent text-danger hover:bg-danger-fill",
  danger: "border border-line-strong bg-raised text-danger hover:bg-danger-fill",
}

const sizes = {
  normal: "h-7 px-2.5 text-sm",
  small: "h-6 px-2 text-xs",
}

interface ButtonProps extends ComponentProps<"button"> {
  readonly look?: keyof typeof looks
  readonly size?: keyof typeof sizes
  /** Work that the button started is going on: it cannot be pressed, and says so. */
  readonly busy?: boolean
}

/** For links that look like buttons as well. On touch screens it is as high as a finger. */
export const buttonClass = (look: keyof typeof looks = "plain", size: keyof typeof sizes = "normal"): string =>
  `inline-flex ${sizes[size]} shrink-0 items-center justify-center gap-1.5 rounded-control font-medium whitespace-nowrap transition-colors disabled:opacity-55 pointer-coarse:h-11 pointer-coarse:px-4 ${looks[look]}`

export const Button = ({
  look = "plain",
  size = "normal",
  busy = false,
  className = "",
  children,
  disabled,
  ...rest
}: ButtonProps) => (
  <button
    type="button"
    {...rest}
    disabled={disabled === true || busy}
    aria-busy={busy || undefined}
    className={`${buttonClass(look, size)} ${className}`}
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
    className={`inline-flex ${size === "small" ? "size-6 pointer-coarse:size-9" : "size-7 pointer-coarse:size-11"} shrink-0 items-center justify-center rounded-control text-ink-faint transition-colors hover:bg-hover hover:text-ink disabled:opacity-50 [&>svg]:size-4 ${className}`}
  />
)
