import { Check } from "lucide-react"
import {
  createContext,
  type FocusEvent,
  type KeyboardEvent,
  type PropsWithChildren,
  type ReactNode,
  type RefObject,
  use,
  useId,
  useRef,
  useState,
} from "react"
import type { MenuPlace } from "./menu-place.ts"
import { useOverlay } from "./overlay.ts"
import { matchOf, nextIndex, TYPING_MS } from "./roving-focus.ts"

/** What makes a button one that opens a menu. */
interface MenuButtonProps {
  readonly ref: RefObject<HTMLButtonElement | null>
  readonly id: string
  readonly "aria-haspopup": "menu"
  readonly "aria-expanded": boolean
  readonly "data-state": "open" | "closed"
  readonly onClick: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

/** Closes the menu, gives the focus back to its button, and only then does what was chosen, which may take it elsewhere. */
type Choose = (run: () => void) => void

const ChooseContext = createContext<Choose>(() => undefined)

interface PopupProps extends MenuPlace {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly labelledBy: string
  readonly from: "first" | "last"
  readonly close: (focusBack: boolean) => void
  readonly className: string
  readonly children: ReactNode
}

const itemsOf = (menu: HTMLElement): ReadonlyArray<HTMLElement> => [
  ...menu.querySelectorAll<HTMLElement>("[role^=menuitem]"),
]

const Popup = ({ button, labelledBy, from, close, side, align, className, children }: PopupProps) => {
  const ref = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: "", at: 0 })

  const [begin] = useState(() => (menu: HTMLElement) => {
    const items = itemsOf(menu)
    const current = items.find((item) => item.ariaChecked === "true")
    ;(current ?? items.at(from === "first" ? 0 : -1))?.focus()
  })
  const [leave] = useState(() => () => close(false))
  useOverlay({ box: ref, button, side, align, begin, close: leave })

  const onBlur = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !ref.current?.contains(relatedTarget)) close(false)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    // The list around the button has keys of its own.
    event.stopPropagation()
    // Tab goes on from the button.
    if (event.key === "Tab") return close(true)
    const items = ref.current === null ? [] : itemsOf(ref.current)
    const index = items.findIndex((item) => item === document.activeElement)
    const last = items.length - 1
    const around =
      event.key === "ArrowDown" && index === last ? 0 : event.key === "ArrowUp" && index <= 0 ? last : undefined
    const next = around ?? nextIndex(event.key, index, items.length)
    if (event.key === "Escape") close(true)
    else if (next !== undefined) items[next]?.focus()
    else if (event.key.length === 1 && event.key !== " ") {
      const { text, at } = typed.current
      typed.current = { text: (event.timeStamp - at < TYPING_MS ? text : "") + event.key, at: event.timeStamp }
      const texts = items.map((item) => item.textContent)
      const match = matchOf(texts, index, typed.current.text) ?? matchOf(texts, index, event.key)
      if (match !== undefined) items[match]?.focus()
    } else return
    event.preventDefault()
  }

  return (
    <div
      ref={ref}
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-labelledby={labelledBy}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
      className={`appear min-w-44 overflow-y-auto rounded-card border border-line-strong bg-overlay p-1 text-ink shadow-overlay outline-none ${className}`}
    >
      {children}
    </div>
  )
}

interface MenuState {
  readonly button: MenuButtonProps
  readonly openFrom: "first" | "last" | undefined
  readonly close: PopupProps["close"]
}

/** A menu and the button that opens it: `button` belongs to the button, the whole to the `Menu`. */
export const useMenu = (): MenuState => {
  const id = useId()
  const ref = useRef<HTMLButtonElement>(null)
  const [openFrom, setOpenFrom] = useState<MenuState["openFrom"]>()
  const [close] = useState(() => (focusBack: boolean) => {
    if (focusBack) ref.current?.focus()
    setOpenFrom(undefined)
  })
  const isOpen = openFrom !== undefined
  const onKeyDown = (event: KeyboardEvent) => {
    // In a list, the arrow keys go through the list.
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || ref.current?.closest("[data-row]")) return
    event.preventDefault()
    setOpenFrom(event.key === "ArrowDown" ? "first" : "last")
  }
  const button: MenuButtonProps = {
    ref,
    id,
    "aria-haspopup": "menu",
    "aria-expanded": isOpen,
    "data-state": isOpen ? "open" : "closed",
    onClick: () => setOpenFrom(isOpen ? undefined : "first"),
    onKeyDown,
  }
  return { button, openFrom, close }
}

interface MenuProps extends Partial<MenuPlace> {
  readonly of: MenuState
  readonly className?: string
  readonly children: ReactNode
}

/** Items and choices, at the button that opens them. */
export const Menu = ({ of, side = "bottom", align = "start", className = "", children }: MenuProps) => {
  const { button, openFrom, close } = of
  const [choose] = useState((): Choose => (run) => {
    close(true)
    run()
  })
  if (openFrom === undefined) return null
  return (
    <ChooseContext value={choose}>
      <Popup {...{ button: button.ref, labelledBy: button.id, from: openFrom, close, side, align, className }}>
        {children}
      </Popup>
    </ChooseContext>
  )
}

const itemClass =
  "flex w-full min-h-7 text-left pointer-coarse:min-h-11 cursor-default items-center gap-2.5 rounded-small px-2 py-1 text-sm text-ink outline-none select-none focus:bg-hover aria-disabled:opacity-50 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-ink-faint"

interface ItemProps {
  /** For one of several choices: whether it is the one taken. */
  readonly checked?: boolean
  /** It can be reached, so that its reason can be read. */
  readonly disabled?: boolean
  readonly onSelect: () => void
  readonly children: ReactNode
}

export const MenuItem = ({ checked, disabled = false, onSelect, children }: ItemProps) => {
  const choose = use(ChooseContext)
  return (
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      aria-disabled={disabled || undefined}
      tabIndex={-1}
      onPointerMove={({ currentTarget }) => currentTarget.focus({ preventScroll: true })}
      onClick={() => !disabled && choose(onSelect)}
      className={itemClass}
    >
      {children}
    </button>
  )
}

export const MenuLabel = ({ children }: PropsWithChildren) => (
  <div className="px-2.5 pt-1.5 pb-1 text-xs font-medium text-ink-faint">{children}</div>
)

export const MenuSeparator = () => <hr className="-mx-1 my-1 border-line" />

interface ChoicesValue {
  readonly value: string
  readonly onChange: (value: string) => void
}

const ChoicesContext = createContext<ChoicesValue>({ value: "", onChange: () => undefined })

/** Choices of which one is taken. */
export const MenuChoices = ({ children, ...value }: PropsWithChildren<ChoicesValue>) => (
  <ChoicesContext value={value}>
    <div role="group">{children}</div>
  </ChoicesContext>
)

export const MenuChoice = ({ value, children }: PropsWithChildren<{ readonly value: string }>) => {
  const { value: chosen, onChange } = use(ChoicesContext)
  return (
    <MenuItem checked={value === chosen} onSelect={() => onChange(value)}>
      <span className="min-w-0 flex-1">{children}</span>
      {value === chosen && <Check aria-hidden />}
    </MenuItem>
  )
}
