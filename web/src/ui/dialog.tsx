import { Dialog as Radix } from "radix-ui"
import type { ReactNode } from "react"

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  /** What it is about, under the title. */
  readonly about?: ReactNode
  readonly children?: ReactNode
  /** Width and place of the box. */
  readonly className?: string
  /** The title is said, not shown. */
  readonly quietTitle?: boolean
}

/** A box over the page, which holds the focus until it is closed. Esc and a click beside it close it. */
export const Dialog = (props: DialogProps) => (
  <Radix.Root open={props.open} onOpenChange={(next) => !next && props.onClose()}>
    <Radix.Portal>
      <Radix.Overlay className="appear fixed inset-0 z-50 bg-[oklch(0_0_0/0.4)]" />
      <Radix.Content
        {...(props.about === undefined && { "aria-describedby": undefined })}
        className={`appear fixed left-1/2 z-50 flex max-w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-col rounded-composer border border-line-strong bg-overlay shadow-overlay outline-none ${props.className ?? "top-[18vh] w-md p-5"}`}
      >
        <Radix.Title className={props.quietTitle === true ? "sr-only" : "text-md font-semibold"}>
          {props.title}
        </Radix.Title>
        {props.about !== undefined && (
          <Radix.Description className="mt-1.5 text-sm text-ink-soft">{props.about}</Radix.Description>
        )}
        {props.children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
)
