import { LoaderCircle } from "lucide-react"

export const Spinner = ({ className = "" }: { readonly className?: string }) => (
  <LoaderCircle aria-hidden className={`spin size-4 ${className}`} />
)
