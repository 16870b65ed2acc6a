import { type LucideIcon, NotebookPen, Shield, Zap } from "lucide-react"
import { type KeyboardEvent, useId, useRef } from "react"
import type { Mode } from "./mode.ts"

/** One way to work, and what it means in a sentence. */
export interface ModeOption<Value extends string> {
  readonly value: Value
  readonly name: string
  readonly note: string
  readonly Icon: LucideIcon
}

/** Of a chat that is there as of one that is to be made. */
export const MODES: ReadonlyArray<ModeOption<Mode>> = [
  { value: "ask", name: "Ask first", note: "You are asked before each tool runs.", Icon: Shield },
  {
    value: "auto",
    name: "Auto",
    note: "Tools run without asking, but for those that this deployment asks about or forbids.",
    Icon: Zap,
  },
  { value: "plan", name: "Plan", note: "It reads and makes a plan, and changes nothing.", Icon: NotebookPen },
]

interface ModeSwitchProps<Value extends string> {
  readonly options: ReadonlyArray<ModeOption<Value>>
  /** Undefined while it is not known. */
  readonly value: Value | undefined
  readonly onChange: (value: Value) => void
  readonly disabled?: boolean
}

/** One of a few ways to work: one stop of the Tab key, arrows choose. */
export const ModeSwitch = <Value extends string>({ options, value, onChange, disabled }: ModeSwitchProps<Value>) => {
  const ref = useRef<HTMLDivElement>(null)
  const id = useId()
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const at = options.findIndex((option) => option.value === value)
    const next = (at + step + options.length) % options.length
    const option = options[next]
    if (option === undefined) return
    onChange(option.value)
    ref.current?.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus()
  }
  return (
    <div
      ref={ref}
      role="radiogroup"
      aria-label="Mode"
      className="flex shrink-0 rounded-control border border-line bg-sunken p-px"
    >
      {options.map((option) => {
        const chosen = option.value === value
        return (
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={chosen}
            aria-describedby={`${id}-${option.value}`}
            title={option.note}
            tabIndex={chosen ? 0 : -1}
            disabled={disabled}
            onKeyDown={onKeyDown}
            onClick={() => onChange(option.value)}
            className="flex h-6 pointer-coarse:h-10 items-center gap-1.5 rounded-small px-2 text-xs whitespace-nowrap text-ink-soft transition-colors hover:text-ink disabled:opacity-60 aria-checked:bg-raised aria-checked:font-medium aria-checked:text-ink aria-checked:shadow-low"
          >
            {chosen && <option.Icon aria-hidden className="size-3.5 shrink-0" />}
            {option.name}
            <span id={`${id}-${option.value}`} hidden>
              {option.note}
            </span>
          </button>
        )
      })}
    </div>
  )
}
