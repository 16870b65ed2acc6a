import { Link } from "@tanstack/react-router"
import { Search } from "lucide-react"
import { type KeyboardEvent, useDeferredValue, useEffect, useState } from "react"
import { useRovingFocus } from "../ui/roving-focus.ts"
import type { Family, Operation } from "./api-document.ts"
import { MethodTag } from "./method-tag.tsx"

/** True when each word of the text is a piece of what the operation is called, does, or is reached by. */
export const isFound = ({ name, summary, path }: Operation, text: string): boolean => {
  const about = `${name} ${summary} ${path}`.toLocaleLowerCase()
  return text
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => about.includes(word))
}

const row =
  "flex min-h-7.5 items-center gap-1.5 rounded-control px-2 py-1 text-sm text-ink-soft transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-selected aria-[current=page]:font-semibold aria-[current=page]:text-ink pointer-coarse:min-h-11"

const heading = "px-2 pt-4 pb-1 text-xs text-ink-faint"

interface EntryProps {
  readonly operation: string
  readonly open: string
  readonly method?: string
  readonly title: string
}

const Entry = ({ operation, open, method, title }: EntryProps) => (
  <li data-row>
    <Link
      to="/docs/api/$operation"
      params={{ operation }}
      data-item
      tabIndex={-1}
      activeOptions={{ exact: true }}
      aria-current={operation === open ? "page" : undefined}
      className={row}
    >
      {method !== undefined && <MethodTag method={method} />}
      <span className="min-w-0">{title}</span>
    </Link>
  </li>
)

interface OperationListProps {
  readonly families: ReadonlyArray<Family>
  /** Name of the operation that is open, `start` or `status`. */
  readonly open: string
}

/** All operations by family, with a search over them. */
export const OperationList = ({ families, open }: OperationListProps) => {
  const [text, setText] = useState("")
  const wanted = useDeferredValue(text.trim())
  const roving = useRovingFocus<HTMLElement>()
  const shown = families
    .map((family) => ({ ...family, operations: family.operations.filter((each) => isFound(each, wanted)) }))
    .filter(({ operations }) => operations.length > 0)
  // What is open is seen in the list, however one came to it.
  useEffect(() => {
    roving.ref.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest" })
  }, [open, roving.ref])
  const toList = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return
    const first = roving.ref.current?.querySelector<HTMLElement>("[data-item]")
    if (first === null || first === undefined) return
    event.preventDefault()
    if (event.key === "Enter") first.click()
    else first.focus()
  }
  return (
    <>
      <div className="px-3 pt-3 pb-1">
        <label className="flex h-8 items-center gap-2 rounded-control border border-control-line bg-raised px-2 text-ink-faint pointer-coarse:h-11">
          <Search aria-hidden className="size-3.5 shrink-0" />
          <input
            type="search"
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={toList}
            aria-label="Search operations"
            placeholder="Search operations"
            spellCheck={false}
            className="min-w-0 flex-1 bg-transparent text-sm text-ink outline-none placeholder:text-ink-faint"
          />
        </label>
      </div>
      <nav aria-label="Operations" {...roving} className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {wanted === "" && (
          <ul className="flex flex-col gap-px pt-1">
            <Entry operation="start" open={open} title="Start here" />
            <Entry operation="status" open={open} title="What status means" />
          </ul>
        )}
        {shown.map(({ name, title, operations }) => (
          <section key={name} aria-label={title}>
            <h2 className={heading}>{title}</h2>
            <ul className="flex flex-col gap-px">
              {operations.map((operation) => (
                <Entry
                  key={operation.name}
                  operation={operation.name}
                  open={open}
                  method={operation.kind === "route" ? operation.method : "LIVE"}
                  title={operation.summary}
                />
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <p role="status" className="px-4 text-sm text-ink-faint empty:hidden [&:not(:empty)]:pb-4">
        {shown.length === 0 ? "No operation is called so." : ""}
      </p>
    </>
  )
}
