import { CircleQuestionMark } from "lucide-react"
import { useCallback, useRef, useState } from "react"
import type { Subject } from "../trace/why/message-why.ts"
import { useHost } from "./reading-along.ts"
import { IconButton } from "../ui/button.tsx"
import { LazyPart } from "../ui/lazy-part.tsx"

const loadPopover = async () => (await import("../trace/why/why-popover.tsx")).WhyPopover

interface WhyButtonProps {
  readonly subject: Subject
  readonly chatId: string
  /** `Why this message` */
  readonly label: string
  /** Which side of the button the reasons begin at. */
  readonly align?: "start" | "end"
}

/** Tells why a message or a call is there, and how it came there. What that takes is loaded when it is asked for. */
export const WhyButton = ({ subject, chatId, label, align = "end" }: WhyButtonProps) => {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const close = useCallback(() => setOpen(false), [])
  if (useHost() !== undefined) return null
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        size="small"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <CircleQuestionMark aria-hidden />
      </IconButton>
      {open && <LazyPart load={loadPopover} props={{ subject, chatId, button, align, close }} name="The reason" />}
    </>
  )
}
