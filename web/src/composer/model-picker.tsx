import { ChevronDown } from "lucide-react"
import { DropdownMenu } from "radix-ui"
import { MenuChoice, MenuContent, MenuLabel } from "../ui/menu.tsx"
import type { ModelChoice } from "./model-choice.ts"

export const ModelPicker = ({ models, error, chosen, choose }: ModelChoice) => {
  if (models === undefined || chosen === undefined) {
    const text = models !== undefined ? "No model" : error === null ? "Loading models…" : "Models unavailable"
    return <span className="px-2 text-sm text-ink-faint">{text}</span>
  }
  const name = chosen.display_name || chosen.model
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={`Model: ${name}`}
        className="flex h-6.5 pointer-coarse:h-11 min-w-0 items-center gap-1 rounded-control px-2 text-xs text-ink-soft transition-colors hover:bg-hover hover:text-ink data-[state=open]:bg-hover"
      >
        <span className="truncate">{name}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
      </DropdownMenu.Trigger>
      <MenuContent align="start" className="w-72 max-w-[calc(100vw-1rem)]">
        <MenuLabel>Model for the next message</MenuLabel>
        <DropdownMenu.RadioGroup value={chosen.id} onValueChange={choose}>
          {models.map((model) => (
            <MenuChoice key={model.id} value={model.id}>
              <span className="block truncate">{model.display_name || model.model}</span>
              <span className="block truncate text-xs text-ink-faint">
                {model.provider} · {model.context_limit.toLocaleString()} tokens
              </span>
            </MenuChoice>
          ))}
        </DropdownMenu.RadioGroup>
      </MenuContent>
    </DropdownMenu.Root>
  )
}
