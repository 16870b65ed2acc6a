import { Search } from "lucide-react"

interface SearchBoxProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (text: string) => void
}

/** Finds rows of a list; the list follows while one writes. */
export const SearchBox = ({ label, placeholder, value, onChange }: SearchBoxProps) => (
  <div className="relative min-w-40 flex-1 max-sm:basis-full">
    <Search
      aria-hidden
      className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-faint"
    />
    <input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      className="h-8 w-full rounded-control border border-control-line bg-raised pr-2.5 pl-8 text-md text-ink pointer-coarse:h-11"
    />
  </div>
)
