import { ArrowUp, Square } from "lucide-react"
import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect } from "react"
import type { BusyBehavior } from "../../../src/contract/chats.ts"
import { focusToWrite, isTouchKeyboard } from "../ui/focus.ts"
import { Kbd } from "../ui/kbd.tsx"
import { Spinner } from "../ui/spinner.tsx"
import type { KeyHint } from "./key-hints.ts"
import { SendMenu } from "./send-menu.tsx"

const MAX_HEIGHT_PX = 280

interface ComposerProps {
  readonly label: string
  readonly placeholder: string
  readonly text: string
  readonly onText: (text: string) => void
  /** Given what stands in the field at that moment, which may be newer than `text`. */
  readonly onSend: (text: string) => void
  /** A send is under way: the text stays until the server has it. */
  readonly sending: boolean
  readonly canSend: boolean
  /** Nothing can be written at all. */
  readonly disabled?: boolean
  /** Keys that mean something here besides writing; `preventDefault` keeps the field from them. */
  readonly onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void
  /** Given while a turn can be stopped. */
  readonly onStop?: (() => void) | undefined
  readonly stopping?: boolean
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>
  /** Controls at the lower left. */
  readonly children?: ReactNode
  /** Given while a turn goes on: sends in the way that was chosen from a menu, or by Ctrl+Enter. */
  readonly onSendAs?: ((behavior: BusyBehavior, text: string) => void) | undefined
  /** There is a turn that a message can still enter. */
  readonly canSteer?: boolean
  /** What waits, in the same frame above the field. */
  readonly above?: ReactNode
  /** Facts at the lower right, before the buttons. */
  readonly facts?: ReactNode
  /** What the keys do just now, beneath the frame. */
  readonly hints?: ReadonlyArray<KeyHint> | undefined
}

/** The form keeps its height while the text is measured: what stands above it would grow for a moment and lose its place. */
const fitToText = (field: HTMLTextAreaElement): void => {
  const { form, style } = field
  if (form === null) return
  form.style.minHeight = `${form.offsetHeight}px`
  style.height = "auto"
  style.height = `${Math.min(field.scrollHeight, MAX_HEIGHT_PX)}px`
  form.style.minHeight = ""
}

const round =
  "flex size-7 pointer-coarse:size-11 shrink-0 items-center justify-center rounded-full transition-colors [&>svg]:size-4 disabled:cursor-default"

/** What the keys do just now, for who has some. */
const KeyHints = ({ hints }: { readonly hints: ReadonlyArray<KeyHint> }) => (
  <p className="flex flex-wrap gap-x-4 gap-y-1 px-1.5 text-xs text-ink-faint pointer-coarse:hidden">
    {hints.map(({ keys, does }) => (
      <span key={keys} className="flex items-center gap-1.5">
        <Kbd keys={keys} />
        <span>{does}</span>
      </span>
    ))}
  </p>
)

/** The text box that messages are written in. Enter sends, Shift+Enter starts a line, Ctrl+Enter steers a turn that runs. */
export const Composer = (props: ComposerProps) => {
  const { text, onText, onSend, sending, canSend, onStop, stopping = false, canSteer = false, fieldRef } = props
  const isSendable = (written: string) => canSend && props.disabled !== true && !sending && written.trim() !== ""
  const sendable = isSendable(text)

  useLayoutEffect(() => {
    if (fieldRef.current !== null) fitToText(fieldRef.current)
  }, [text, fieldRef])

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    props.onKey?.(event)
    if (event.defaultPrevented) return
    // On a touch keyboard Enter is the only way to a new line.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || isTouchKeyboard()) return
    event.preventDefault()
    const { value } = event.currentTarget
    if (!isSendable(value)) return
    const steers = (event.ctrlKey || event.metaKey) && canSteer
    if (steers && props.onSendAs !== undefined) props.onSendAs("steer", value)
    else onSend(value)
  }

  const form = (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (sendable) onSend(text)
      }}
      className={`rounded-composer border border-line-strong shadow-composer transition-colors focus-within:border-accent ${props.disabled === true ? "bg-sunken" : "bg-raised"}`}
    >
      {props.above}
      <textarea
        ref={fieldRef}
        aria-label={props.label}
        dir="auto"
        placeholder={props.placeholder}
        rows={1}
        value={text}
        readOnly={sending}
        disabled={props.disabled}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
        className="block w-full resize-none bg-transparent px-3.5 pt-3 pb-1.5 text-read text-ink outline-none disabled:cursor-default"
      />
      <div className="flex items-center gap-1 px-2 pb-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1">{props.children}</div>
        {props.facts}
        {onStop !== undefined && (
          <button
            type="button"
            aria-label="Stop"
            title="Stop (Esc)"
            disabled={stopping}
            onClick={() => {
              onStop()
              // This button goes away.
              focusToWrite(fieldRef.current)
            }}
            className={`${round} border border-line-strong text-ink hover:bg-hover disabled:opacity-60`}
          >
            {stopping ? <Spinner /> : <Square aria-hidden className="scale-75 fill-current" />}
          </button>
        )}
        {props.onSendAs !== undefined && (
          <SendMenu disabled={!sendable} canSteer={canSteer} onSend={(behavior) => props.onSendAs?.(behavior, text)} />
        )}
        <button
          type="submit"
          aria-label="Send"
          title="Send (Enter)"
          disabled={!sendable}
          aria-busy={sending || undefined}
          className={`${round} bg-primary text-on-primary hover:bg-primary-hover disabled:bg-selected disabled:text-ink-faint`}
        >
          {sending ? <Spinner /> : <ArrowUp aria-hidden />}
        </button>
      </div>
    </form>
  )
  if (props.hints === undefined) return form
  return (
    <div className="flex flex-col gap-2">
      {form}
      <KeyHints hints={props.hints} />
    </div>
  )
}
