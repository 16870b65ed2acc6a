import { type KeyboardEvent, useId, useState } from "react"
import { TextBlock } from "./text-block.tsx"

export interface CodeText {
  readonly title: string
  readonly text: string
}

const tab =
  "h-8 border-b-2 border-transparent px-1 text-xs text-ink-faint transition-colors hover:text-ink aria-selected:border-accent aria-selected:font-semibold aria-selected:text-ink pointer-coarse:h-10 pointer-coarse:px-3"

/** The same in several languages. */
export const CodeTabs = ({ texts }: { readonly texts: ReadonlyArray<CodeText> }) => {
  const [chosen, setChosen] = useState(texts[0]?.title)
  const id = useId()
  const shown = texts.find(({ title }) => title === chosen) ?? texts[0]
  if (shown === undefined) return null
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = texts[(texts.indexOf(shown) + step + texts.length) % texts.length]
    if (next === undefined) return
    setChosen(next.title)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.title}"]`)?.focus()
  }
  return (
    <TextBlock
      label={`As ${shown.title}`}
      text={shown.text}
      head={
        <div role="tablist" tabIndex={-1} aria-label="Languages" onKeyDown={onKeyDown} className="flex gap-3">
          {texts.map(({ title }) => (
            <button
              key={title}
              type="button"
              role="tab"
              data-tab={title}
              aria-selected={title === shown.title}
              aria-controls={`${id}-text`}
              tabIndex={title === shown.title ? 0 : -1}
              onClick={() => setChosen(title)}
              className={tab}
            >
              {title}
            </button>
          ))}
        </div>
      }
    >
      <span id={`${id}-text`} role="tabpanel" aria-label={`As ${shown.title}`}>
        {shown.text}
      </span>
    </TextBlock>
  )
}
