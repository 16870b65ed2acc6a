import { Building, ListChecks } from "lucide-react"
import { RadioGroup } from "radix-ui"
import { CheckField } from "../ui/field.tsx"
import { Disclosure } from "../ui/disclosure.tsx"
import { type ScopeGroup, scopeGroups } from "./scope-words.ts"

export interface TokenReach {
  /** All that its user may do, or only what is ticked. */
  readonly reach: "all" | "some"
  readonly ticked: ReadonlySet<string>
  readonly approve: boolean
}

const choices = [
  ["all", "Everything that you may do", "But for deciding about tool calls."],
  ["some", "Only what is ticked", "Never more than you may do yourself."],
] as const

interface GroupProps {
  readonly group: ScopeGroup
  readonly ticked: ReadonlySet<string>
  readonly onTick: (scope: string, on: boolean) => void
}

const Group = ({ group, ticked, onTick }: GroupProps) => (
  <fieldset className="grid gap-x-4 gap-y-1.5 px-3.5 py-2.5 sm:grid-cols-[11rem_minmax(0,1fr)]">
    <legend className="sr-only">{group.title}</legend>
    <span aria-hidden className="text-sm font-medium">
      {group.title}
    </span>
    <div className="flex flex-wrap gap-x-4 gap-y-1.5">
      {group.scopes.map(({ scope, words }) => (
        <CheckField
          key={scope}
          label={words}
          title={scope}
          checked={ticked.has(scope)}
          onChange={({ target }) => onTick(scope, target.checked)}
        />
      ))}
    </div>
  </fieldset>
)

interface TokenScopesProps extends TokenReach {
  /** All that the server serves. */
  readonly scopes: ReadonlyArray<string>
  readonly error?: string | undefined
  readonly onChange: (reach: TokenReach) => void
}

/** What the holder of a token may do. */
export const TokenScopes = ({ scopes, reach, ticked, approve, error, onChange }: TokenScopesProps) => {
  const groups = scopeGroups(scopes)
  const onTick = (scope: string, on: boolean) => {
    const next = new Set(ticked)
    if (on) next.add(scope)
    else next.delete(scope)
    onChange({ reach, approve, ticked: next })
  }
  const shown = (everyday: boolean) =>
    groups
      .filter((group) => group.everyday === everyday)
      .map((group) => <Group key={group.thing} group={group} ticked={ticked} onTick={onTick} />)
  return (
    <div className="flex flex-col gap-3 sm:col-span-2">
      <p className="text-sm font-medium">What it may do</p>
      <RadioGroup.Root
        aria-label="What it may do"
        value={reach}
        onValueChange={(value) => onChange({ reach: value === "some" ? "some" : "all", approve, ticked })}
        className="grid gap-2 sm:grid-cols-2"
      >
        {choices.map(([value, title, note]) => (
          <RadioGroup.Item
            key={value}
            value={value}
            className="flex flex-col items-start gap-0.5 rounded-control border border-line-strong bg-raised px-3 py-2 text-left transition-colors hover:border-control-line data-[state=checked]:border-accent data-[state=checked]:bg-accent-fill"
          >
            <span className="text-sm font-medium">{title}</span>
            <span className="text-xs text-ink-soft">{note}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {reach === "some" && (
        <div className="divide-y divide-line rounded-control border border-line">
          {shown(true)}
          <div className="px-3.5 py-1">
            <Disclosure icon={<Building aria-hidden />} label="Administration">
              <div className="-mx-3.5 divide-y divide-line border-t border-line">{shown(false)}</div>
            </Disclosure>
          </div>
        </div>
      )}
      {error !== undefined && (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
      <div className="flex gap-2.5 rounded-control border border-warning/30 bg-warning-fill px-3.5 py-2.5">
        <ListChecks aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
        <div className="flex flex-col gap-1">
          <CheckField
            label="May decide about tool calls in your name"
            checked={approve}
            onChange={({ target }) => onChange({ reach, ticked, approve: target.checked })}
          />
          <p className="text-xs text-ink-soft">
            Whoever has the token can then let agents run commands in your chats that would have waited for you. Leave
            it off for programs that send and read.
          </p>
        </div>
      </div>
    </div>
  )
}
