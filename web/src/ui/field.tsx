import { TriangleAlert } from "lucide-react"
import { type ComponentProps, type ReactNode, useId } from "react"

const control =
  "w-full rounded-control border border-control-line bg-raised px-2.5 text-md text-ink transition-colors aria-invalid:border-danger disabled:opacity-60"

interface Described {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with the value, as a sentence. */
  readonly error?: string | undefined
}

const Frame = ({
  id,
  label,
  hint,
  error,
  children,
}: Described & { readonly id: string; readonly children: ReactNode }) => (
  <div className="flex flex-col gap-1.5">
    <label htmlFor={id} className="text-sm font-medium text-ink">
      {label}
    </label>
    {children}
    {error !== undefined ? (
      <p id={`${id}-note`} className="flex gap-1.5 text-xs text-danger">
        <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
        {error}
      </p>
    ) : (
      hint !== undefined && (
        <p id={`${id}-note`} className="text-xs text-ink-faint">
          {hint}
        </p>
      )
    )}
  </div>
)

const describedBy = (id: string, { hint, error }: Described) => ({
  "aria-describedby": hint === undefined && error === undefined ? undefined : `${id}-note`,
  "aria-invalid": error === undefined ? undefined : true,
})

export const TextField = ({ label, hint, error, ...rest }: Described & ComponentProps<"input">) => {
  const id = useId()
  const about = { label, hint, error }
  return (
    <Frame id={id} {...about}>
      <input
        id={id}
        {...describedBy(id, about)}
        {...rest}
        className={`h-8 read-only:border-line read-only:bg-sunken pointer-coarse:h-11 ${control}`}
      />
    </Frame>
  )
}

export const SelectField = ({ label, hint, error, ...rest }: Described & ComponentProps<"select">) => {
  const id = useId()
  const about = { label, hint, error }
  return (
    <Frame id={id} {...about}>
      <select id={id} {...describedBy(id, about)} {...rest} className={`h-8 pointer-coarse:h-11 ${control}`} />
    </Frame>
  )
}

interface CheckFieldProps extends Omit<ComponentProps<"input">, "type"> {
  readonly label: ReactNode
  /** What it means, or why it cannot be changed. */
  readonly hint?: ReactNode
}

export const CheckField = ({ label, hint, ...rest }: CheckFieldProps) => {
  const id = useId()
  return (
    <div className="flex flex-col gap-0.5">
      <label className="flex items-center gap-2.5 text-sm text-ink has-disabled:cursor-default pointer-coarse:min-h-11">
        <input
          type="checkbox"
          aria-describedby={hint === undefined ? undefined : `${id}-note`}
          {...rest}
          className="size-4 shrink-0 accent-accent"
        />
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${id}-note`} className="pl-6.5 text-xs text-ink-faint pointer-coarse:-mt-2.5">
          {hint}
        </p>
      )}
    </div>
  )
}
