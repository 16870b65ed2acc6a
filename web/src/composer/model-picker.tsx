import { Check, ChevronDown, Search } from "lucide-react"
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react"
import type { ModelConfig } from "../../../src/contract/models.ts"
import type { ModelChoice } from "./model-choice.ts"
import { Popover } from "../ui/popover.tsx"
import { groupsOf, matching, nameOf } from "./model-groups.ts"

interface ModelListProps {
  readonly models: ReadonlyArray<ModelConfig>
  readonly chosen: ModelConfig | undefined
  readonly onChoose: (id: string) => void
}

/** A search box over the models: letters find, arrows go through what is found, Enter takes it. */
const ModelList = ({ models, chosen, onChoose }: ModelListProps) => {
  const id = useId()
  const listRef = useRef<HTMLDivElement>(null)
  const [search, setSearch] = useState("")
  const groups = groupsOf(matching(models, search))
  const found = groups.flatMap((group) => group.models)
  const [index, setIndex] = useState(() =>
    Math.max(
      0,
      found.findIndex((model) => model.id === chosen?.id),
    ),
  )
  const active = Math.min(index, found.length - 1)
  const optionId = (at: number) => `${id}-${at}`

  useEffect(() => {
    listRef.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" })
  }, [active])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const last = found.length - 1
    const next = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8 }[event.key]
    const model = found[active]
    if (next !== undefined) setIndex(Math.max(0, Math.min(next, last)))
    else if (event.key === "Enter" && model !== undefined) onChoose(model.id)
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Search aria-hidden className="size-4 shrink-0 text-ink-faint" />
        <input
          type="search"
          aria-label="Find a model"
          aria-controls={`${id}-list`}
          aria-activedescendant={active < 0 ? undefined : optionId(active)}
          autoComplete="off"
          spellCheck={false}
          placeholder="Find a model"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value)
            setIndex(0)
          }}
          onKeyDown={onKeyDown}
          className="h-9 pointer-coarse:h-11 min-w-0 flex-1 bg-transparent text-sm text-ink outline-none [&::-webkit-search-cancel-button]:hidden"
        />
      </div>
      <div ref={listRef} id={`${id}-list`} role="menu" aria-label="Models" className="min-h-0 overflow-y-auto p-1">
        {groups.map(({ provider, models: choices }) => (
          <div key={provider} role="group" aria-label={provider}>
            <div aria-hidden className="truncate px-2 pt-1.5 pb-1 text-xs font-medium text-ink-faint">
              {provider}
            </div>
            {choices.map((model) => {
              const here = found.indexOf(model)
              return (
                <button
                  key={model.id}
                  type="button"
                  tabIndex={-1}
                  id={optionId(here)}
                  role="menuitemradio"
                  aria-checked={model.id === chosen?.id}
                  data-active={here === active || undefined}
                  onPointerMove={() => setIndex(here)}
                  onClick={() => onChoose(model.id)}
                  className="flex min-h-7 pointer-coarse:min-h-11 w-full items-center gap-2.5 rounded-small px-2 py-1 text-left text-sm text-ink data-active:bg-hover"
                >
                  <span className="min-w-0 flex-1 truncate">
                    {nameOf(model)}
                    {model.is_default && <span className="ml-1.5 text-xs text-ink-faint">default</span>}
                  </span>
                  <span className="shrink-0 text-xs text-ink-faint tabular-nums">
                    {Math.round(model.context_limit / 1000).toLocaleString()}k
                  </span>
                  <Check
                    aria-hidden
                    className={`size-4 shrink-0 text-ink-soft ${model.id === chosen?.id ? "" : "invisible"}`}
                  />
                </button>
              )
            })}
          </div>
        ))}
      </div>
      <p role="status" className="px-3 pb-2 text-sm text-ink-faint empty:hidden">
        {found.length === 0 ? "No model is called so." : ""}
      </p>
    </>
  )
}

/** Which model answers what is sent next. Where nobody has chosen one and the deployment has no default, it asks. */
export const ModelPicker = ({ models, error, chosen, choose, asking, setAsking }: ModelChoice) => {
  const button = useRef<HTMLButtonElement>(null)
  const close = useCallback(() => setAsking(false), [setAsking])
  if (models === undefined || models.length === 0) {
    const text = models !== undefined ? "No model" : error === null ? "Loading models…" : "Models unavailable"
    return <span className="px-2 text-sm text-ink-faint">{text}</span>
  }
  const name = chosen === undefined ? undefined : nameOf(chosen)
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={asking}
        data-state={asking ? "open" : "closed"}
        onClick={() => setAsking(!asking)}
        aria-label={name === undefined ? "Choose a model" : `Model: ${name}`}
        className={`flex h-6.5 pointer-coarse:h-11 min-w-0 items-center gap-1 rounded-control px-2 text-xs transition-colors hover:bg-hover hover:text-ink data-[state=open]:bg-hover ${name === undefined ? "font-medium text-warning" : "text-ink-soft"}`}
      >
        <span className="truncate">{name ?? "Choose a model"}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
      </button>
      {asking && (
        <Popover
          button={button}
          label="Model for the next message"
          side="top"
          align="start"
          close={close}
          className="max-h-96 w-76 max-w-[calc(100vw-1rem)]"
        >
          <ModelList
            models={models}
            chosen={chosen}
            onChoose={(id) => {
              choose(id)
              button.current?.focus()
              close()
            }}
          />
        </Popover>
      )}
    </>
  )
}
