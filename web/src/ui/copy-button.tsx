import { Check, Copy } from "lucide-react"
import { useEffect, useState } from "react"
import { IconButton } from "./button.tsx"
import { notifyFailure } from "./notify.ts"

const CONFIRMED_MS = 1500

export const CopyButton = ({ label, text }: { readonly label: string; readonly text: string }) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      (error: unknown) => notifyFailure("The text could not be copied", error),
    )

  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()} size="small">
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}
