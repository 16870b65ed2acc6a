import { ChevronLeft, ChevronRight } from "lucide-react"
import { IconButton } from "./button.tsx"

interface PagerProps {
  /** "users" */
  readonly of: string
  /** From 0. */
  readonly page: number
  readonly size: number
  readonly count: number
  readonly onPage: (page: number) => void
}

/** Which rows of a long list are shown, and the ways to those before and after. */
export const Pager = ({ of, page, size, count, onPage }: PagerProps) => {
  const from = page * size
  const to = Math.min(from + size, count)
  return (
    <nav aria-label={`Pages of ${of}`} className="flex items-center gap-1 text-sm text-ink-faint tabular-nums">
      <p role="status" className="mr-auto px-1">
        {count === 0
          ? `No ${of}`
          : `${(from + 1).toLocaleString()} to ${to.toLocaleString()} of ${count.toLocaleString()}`}
      </p>
      <IconButton label="Previous page" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <IconButton label="Next page" disabled={to >= count} onClick={() => onPage(page + 1)}>
        <ChevronRight aria-hidden />
      </IconButton>
    </nav>
  )
}
