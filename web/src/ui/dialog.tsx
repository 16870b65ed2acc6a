import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react"
import { createPortal } from "react-dom"

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

const isBeside = ({ clientX, clientY }: PointerEvent, box: DOMRect): boolean =>
  clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom

type OpenDialogProps = Omit<DialogProps, "open">

const OpenDialog = ({ onClose, title, about, children, className, quietTitle = false }: OpenDialogProps) => {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    dialog?.querySelector<HTMLElement>("[data-first-focus]")?.focus()
    // Gives the focus back to where it was.
    return () => dialog?.close()
  }, [])
  useEffect(() => {
    const dialog = ref.current
    const onPointerDown = (event: PointerEvent) => {
      if (dialog !== null && event.target === dialog && isBeside(event, dialog.getBoundingClientRect())) onClose()
    }
    dialog?.addEventListener("pointerdown", onPointerDown)
    return () => dialog?.removeEventListener("pointerdown", onPointerDown)
  }, [onClose])
  return (
    <dialog
      ref={ref}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={about === undefined ? undefined : `${id}-about`}
      // The browser closes by itself, which is for the component above to decide.
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return
        event.preventDefault()
        onClose()
      }}
      className={`appear fixed bottom-auto mx-auto my-0 flex max-w-[calc(100vw-1.5rem)] flex-col rounded-composer border border-line-strong bg-overlay text-ink shadow-overlay outline-none backdrop:bg-[oklch(0_0_0/0.4)] ${className ?? "top-[18vh] w-md p-5"}`}
    >
      <h2 id={`${id}-title`} className={quietTitle ? "sr-only" : "text-md font-semibold"}>
        {title}
      </h2>
      {about !== undefined && (
        <p id={`${id}-about`} className="mt-1.5 text-sm text-ink-soft">
          {about}
        </p>
      )}
      {children}
    </dialog>
  )
}

/**
 * A box over the page, which holds the focus until it is closed: first on what carries `data-first-focus`, else on the first
 * thing in it. Esc and a click beside it close it.
 */
export const Dialog = ({ open, ...rest }: DialogProps) =>
  open ? createPortal(<OpenDialog {...rest} />, document.body) : null
