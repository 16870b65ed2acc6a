import { Monitor, Moon, Sun } from "lucide-react"
import { RadioGroup } from "radix-ui"
import { chooseTheme, isTheme, type Theme, useTheme } from "../theme/theme.ts"
import { SettingsPage } from "./settings-page.tsx"

const looks = { system: Monitor, light: Sun, dark: Moon }
const words: ReadonlyArray<readonly [Theme, string, string]> = [
  ["system", "As the system", "Changes with your device, by day and night"],
  ["light", "Light", "Always"],
  ["dark", "Dark", "Always"],
]

/** How the app looks to the person, in whichever browser. */
export const AppearancePage = () => {
  const theme = useTheme()
  return (
    <SettingsPage title="Appearance">
      <section aria-label="Theme" className="flex flex-col gap-3">
        <div>
          <h2 className="font-semibold">Theme</h2>
          <p className="text-ink-faint">
            It changes at once, and in the other browsers that you are signed in with when you next look at them.
          </p>
        </div>
        <RadioGroup.Root
          aria-label="Theme"
          value={theme}
          onValueChange={(value) => isTheme(value) && chooseTheme(value)}
          className="grid gap-2 sm:grid-cols-3"
        >
          {words.map(([value, title, note]) => {
            const Icon = looks[value]
            return (
              <RadioGroup.Item
                key={value}
                value={value}
                className="flex flex-col items-start gap-1 rounded-card border border-line bg-raised p-3.5 text-left shadow-low transition-colors hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-fill"
              >
                <Icon aria-hidden className="mb-1 size-4 text-ink-soft" />
                <span className="font-semibold">{title}</span>
                <span className="text-xs text-ink-soft">{note}</span>
              </RadioGroup.Item>
            )
          })}
        </RadioGroup.Root>
      </section>
    </SettingsPage>
  )
}
