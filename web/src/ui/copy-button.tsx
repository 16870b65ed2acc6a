import { Check, Copy } from "lucide-react"
import { useEffect, useState } from "react"
import { IconButton } from "./button.tsx"
import { notifyFailure } from "./notify.ts"

const CONFIRMED_MS = 1500

/** Where the page is not secure there is no clipboard at all. */
const writeClipboard = async (text: string): Promise<void> => navigator.clipboard.writeText(text)

interface CopyButtonProps {
  readonly label: string
  /** Made when it is copied, where it is long and grows. */
  readonly text: string | (() => string)
}

export const CopyButton = ({ label, text }: CopyButtonProps) => {
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

  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()} size="small">
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}
