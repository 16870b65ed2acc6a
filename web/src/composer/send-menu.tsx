import { ChevronUp, CornerDownRight, ListPlus, OctagonPause } from "lucide-react"
import type { BusyBehavior } from "../../../src/contract/chats.ts"
import { IconButton } from "../ui/button.tsx"
import { Menu, MenuItem, useMenu } from "../ui/menu.tsx"

interface SendMenuProps {
  readonly disabled: boolean
  /** There is a turn that a message can still enter. */
  readonly canSteer: boolean
  readonly onSend: (behavior: BusyBehavior) => void
}

/** How a message reaches a turn that runs. Enter queues it. */
export const SendMenu = ({ disabled, canSteer, onSend }: SendMenuProps) => {
  const menu = useMenu()
  return (
    <>
      <IconButton {...menu.button} label="More ways to send" disabled={disabled} className="rounded-full">
        <ChevronUp aria-hidden />
      </IconButton>
      <Menu of={menu} side="top" align="end" className="w-72 max-w-[calc(100vw-1rem)]">
        <MenuItem onSelect={() => onSend("queue")}>
          <ListPlus aria-hidden />
          <span className="min-w-0 flex-1">
            Queue
            <span className="block text-xs text-ink-faint">Goes when the turn is over</span>
          </span>
          <kbd className="text-xs text-ink-faint">Enter</kbd>
        </MenuItem>
        <MenuItem disabled={!canSteer} onSelect={() => onSend("steer")}>
          <CornerDownRight aria-hidden />
          <span className="min-w-0 flex-1">
            Steer into this turn
            <span className="block text-xs text-ink-faint">
              {canSteer ? "The agent reads it after its next step" : "Not while the turn is being stopped"}
            </span>
          </span>
          <kbd className="text-xs text-ink-faint">Ctrl Enter</kbd>
        </MenuItem>
        <MenuItem onSelect={() => onSend("preempt")}>
          <OctagonPause aria-hidden />
          <span className="min-w-0 flex-1">
            Interrupt and send
            <span className="block text-xs text-ink-faint">Stops the turn and goes next, before all that waits</span>
          </span>
        </MenuItem>
      </Menu>
    </>
  )
}
