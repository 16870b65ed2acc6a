import { Kbd } from "../ui/kbd.tsx"
import { keyMap } from "./shortcuts.ts"

/** What each key does, by the part of the page it is pressed in. */
export const KeyGroups = () => (
  // It may be longer than the window, and there is nothing else in it that the keys that scroll could start from.
  <div role="group" aria-label="All keys" tabIndex={0} className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
    {keyMap.map(({ title, shortcuts }) => (
      <section key={title} aria-label={title}>
        <h2 className="mb-1.5 text-xs text-ink-faint">{title}</h2>
        <dl className="flex flex-col gap-1.5">
          {shortcuts.map(({ keys, does }) => (
            <div key={does} className="flex items-start justify-between gap-4">
              <dt className="text-ink-soft">{does}</dt>
              <dd className="flex shrink-0 gap-1">
                {keys.map((key) => (
                  <Kbd key={key} keys={key} />
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    ))}
  </div>
)
