import { ChevronDown } from "lucide-react"
import { Menu, MenuChoice, MenuChoices, MenuLabel, useMenu } from "../ui/menu.tsx"
import type { ModelChoice } from "./model-choice.ts"

export const ModelPicker = ({ models, error, chosen, choose }: ModelChoice) => {
  const menu = useMenu()
  if (models === undefined || chosen === undefined) {
    const text = models !== undefined ? "No model" : error === null ? "Loading models…" : "Models unavailable"
    return <span className="px-2 text-sm text-ink-faint">{text}</span>
  }
  const name = chosen.display_name || chosen.model
  return (
    <>
      <button
        type="button"
        {...menu.button}
        aria-label={`Model: ${name}`}
        className="flex h-6.5 pointer-coarse:h-11 min-w-0 items-center gap-1 rounded-control px-2 text-xs text-ink-soft transition-colors hover:bg-hover hover:text-ink data-[state=open]:bg-hover"
      >
        <span className="truncate">{name}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
      </button>
      <Menu of={menu} className="w-72 max-w-[calc(100vw-1rem)]">
        <MenuLabel>Model for the next message</MenuLabel>
        <MenuChoices value={chosen.id} onChange={choose}>
          {models.map((model) => (
            <MenuChoice key={model.id} value={model.id}>
              <span className="block truncate">{model.display_name || model.model}</span>
              <span className="block truncate text-xs text-ink-faint">
                {model.provider} · {model.context_limit.toLocaleString()} tokens
              </span>
            </MenuChoice>
          ))}
        </MenuChoices>
      </Menu>
    </>
  )
}
