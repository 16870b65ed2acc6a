import { CircleCheck } from "lucide-react"
import { useEffect, useRef } from "react"
import { Button } from "../ui/button.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import type { MadeToken } from "./token-form.tsx"

interface LineProps {
  readonly label: string
  readonly copy: string
  readonly text: string
}

const Line = ({ label, copy, text }: LineProps) => (
  <div className="flex flex-col gap-1">
    <p className="text-xs text-ink-soft">{label}</p>
    <div className="flex items-start gap-1 rounded-control border border-line bg-raised py-1.5 pr-1.5 pl-3">
      <code className="min-w-0 flex-1 py-0.5 font-mono text-xs [overflow-wrap:anywhere]">{text}</code>
      <CopyButton label={copy} text={text} />
    </div>
  </div>
)

interface MadeTokenPanelProps {
  readonly token: MadeToken
  readonly onDone: () => void
}

/** A new token, the one time that it is shown. */
export const MadeTokenPanel = ({ token: { name, key }, onDone }: MadeTokenPanelProps) => {
  const heading = useRef<HTMLHeadingElement>(null)
  // The form that had the focus is gone.
  useEffect(() => heading.current?.focus(), [])
  const curl = `curl -H 'Coder-Session-Token: ${key}' ${window.location.origin}/api/v2/users/me`
  return (
    <section
      aria-label="The new token"
      className="appear flex flex-col gap-3.5 rounded-card border border-success/30 bg-success-fill p-5"
    >
      <div className="flex gap-2.5">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
        <div>
          <h3 ref={heading} tabIndex={-1} className="font-semibold outline-none [overflow-wrap:anywhere]">
            The token “{name}” is made
          </h3>
          <p className="text-sm text-ink-soft">Copy it now: it is shown this once, and nobody can look it up later.</p>
        </div>
      </div>
      <Line label="Token" copy="Copy the token" text={key} />
      <Line label="Try it" copy="Copy the command" text={curl} />
      <div className="flex justify-end">
        <Button onClick={onDone}>I have it</Button>
      </div>
    </section>
  )
}
