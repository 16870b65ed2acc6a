import { ChevronDown } from "lucide-react"
import { buttonClass } from "../../ui/button.tsx"
import { Menu, MenuChoice, MenuChoices, useMenu } from "../../ui/menu.tsx"

interface FilterMenuProps {
  readonly label: string
  /** What is looked for; undefined is all. */
  readonly value: string | undefined
  readonly choices: ReadonlyArray<readonly [value: string, title: string]>
  readonly onChange: (value: string | undefined) => void
}

/** One of the filters of a list: `Status: Active`. */
export const FilterMenu = ({ label, value, choices, onChange }: FilterMenuProps) => {
  const menu = useMenu()
  const chosen = value === undefined ? undefined : (choices.find(([name]) => name === value)?.[1] ?? value)
  return (
    <>
      <button
        type="button"
        {...menu.button}
        className={`${buttonClass(chosen === undefined ? "quiet" : "plain")} data-[state=open]:bg-hover`}
      >
        {label}
        {chosen !== undefined && <span className="text-accent">{chosen}</span>}
        <ChevronDown aria-hidden className="size-3.5 text-ink-faint" />
      </button>
      <Menu of={menu}>
        <MenuChoices value={value ?? ""} onChange={(next) => onChange(next === "" ? undefined : next)}>
          <MenuChoice value="">All</MenuChoice>
          {choices.map(([name, title]) => (
            <MenuChoice key={name} value={name}>
              {title}
            </MenuChoice>
          ))}
        </MenuChoices>
      </Menu>
    </>
  )
}
