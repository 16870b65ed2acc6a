import { Check, Copy } from "lucide-react"
import { useEffect, useState } from "react"
import { Button, IconButton } from "./button.tsx"
import { notifyFailure } from "./notify.ts"

const CONFIRMED_MS = 1500

/** Where the page is not secure there is no clipboard at all. */
const writeClipboard = async (text: string): Promise<void> => navigator.clipboard.writeText(text)

interface CopyButtonProps {
  readonly label: string
  /** Made when it is copied, where it is long and grows. */
  readonly text: string | (() => string)
  /** The label is written beside the sign where there is room. */
  readonly worded?: boolean
}

export const CopyButton = ({ label, text, worded = false }: CopyButtonProps) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = () =>
    writeClipboard(typeof text === "string" ? text : text()).then(
      () => setCopied(true),
      () => notifyFailure("The text was not copied", "The browser allows it only over HTTPS, and only if you do."),
    )

  if (worded) {
    return (
      <Button look="quiet" aria-label={copied ? "Copied" : label} onClick={() => void copy()} className="max-sm:px-1.5">
        {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
        <span className="max-sm:hidden">{copied ? "Copied" : label}</span>
      </Button>
    )
  }
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()} size="small">
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}
