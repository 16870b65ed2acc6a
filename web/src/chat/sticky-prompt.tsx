import { ChevronDown, ChevronUp } from "lucide-react"
import { IconButton } from "../ui/button.tsx"
import { proseText } from "../ui/prose-text.ts"

interface StickyPromptProps {
  readonly text: string
  readonly onReturn: () => void
  readonly onPrevious: () => void
  readonly onNext: () => void
}

/** The prompt whose answer is read, once it is out of sight. */
export const StickyPrompt = ({ text, onReturn, onPrevious, onNext }: StickyPromptProps) => (
  <div className="pointer-events-none absolute inset-x-0 top-0 z-10 bg-linear-to-b from-canvas from-70% to-transparent pb-5">
    <div className="reading-column flex justify-end pt-2">
      <div className="pointer-events-auto flex max-w-full min-w-0 items-center rounded-card border border-line bg-bubble pr-1 pl-3.5 shadow-low">
        <button
          type="button"
          title="Back to this message"
          onClick={onReturn}
          className="min-w-0 truncate py-1.5 text-left text-sm text-ink"
        >
          <span className="sr-only">Answer to: </span>
          <span dir="auto">{proseText(text)}</span>
        </button>
        <IconButton label="Previous message of yours (Alt+↑)" size="small" onClick={onPrevious}>
          <ChevronUp aria-hidden />
        </IconButton>
        <IconButton label="Next message of yours (Alt+↓)" size="small" onClick={onNext}>
          <ChevronDown aria-hidden />
        </IconButton>
      </div>
    </div>
  </div>
)
