import { Check } from "lucide-react"
import { DropdownMenu } from "radix-ui"
import type { ComponentProps, ReactNode } from "react"

const item =
  "flex min-h-7 pointer-coarse:min-h-11 cursor-default items-center gap-2.5 rounded-small px-2 py-1 text-sm text-ink outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-ink-faint"

/** A menu at a button, with items and choices as children. It stays within the landmark of its button. */
export const MenuContent = ({ className = "", ...rest }: ComponentProps<typeof DropdownMenu.Content>) => (
  <DropdownMenu.Content
    sideOffset={6}
    collisionPadding={8}
    {...rest}
    className={`appear z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-y-auto rounded-card border border-line-strong bg-overlay p-1 shadow-overlay ${className}`}
  />
)

export const MenuItem = (props: ComponentProps<typeof DropdownMenu.Item>) => (
  <DropdownMenu.Item {...props} className={item} />
)

export const MenuLabel = ({ children }: { readonly children: ReactNode }) => (
  <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-xs font-medium text-ink-faint">{children}</DropdownMenu.Label>
)

export const MenuSeparator = () => <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />

interface MenuChoiceProps {
  readonly value: string
  readonly children: ReactNode
}

/** One of the choices of a `DropdownMenu.RadioGroup`. */
export const MenuChoice = ({ value, children }: MenuChoiceProps) => (
  <DropdownMenu.RadioItem value={value} className={item}>
    <span className="min-w-0 flex-1">{children}</span>
    <DropdownMenu.ItemIndicator asChild>
      <Check aria-hidden />
    </DropdownMenu.ItemIndicator>
  </DropdownMenu.RadioItem>
)
