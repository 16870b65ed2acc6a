import { useQuery } from "@tanstack/react-query"
import { LogOut } from "lucide-react"
import { meQuery } from "../api/queries.ts"
import { useSignOut } from "../auth/use-sign-out.ts"
import { chooseTheme, isTheme, type Theme, useTheme } from "../theme/theme.ts"
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLabel, MenuSeparator, useMenu } from "../ui/menu.tsx"

const themes: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
]

/** Who is signed in, the theme, and signing out. */
export const UserMenu = () => {
  const { data: me } = useQuery(meQuery)
  const theme = useTheme()
  const signOut = useSignOut()
  const menu = useMenu()
  const name = me?.name || me?.username || "Account"

  return (
    <>
      <button
        type="button"
        {...menu.button}
        aria-label={`${name}: account and theme`}
        title={name}
        className="flex size-10 shrink-0 items-center justify-center rounded-full transition-colors hover:bg-hover data-[state=open]:bg-hover"
      >
        <span
          aria-hidden
          className="flex size-6.5 items-center justify-center rounded-full bg-accent-fill text-2xs font-semibold text-accent uppercase"
        >
          {name.slice(0, 1)}
        </span>
      </button>
      <Menu of={menu} side="right" align="end" className="w-60">
        <MenuLabel>
          <span className="block truncate text-sm text-ink">{name}</span>
          <span className="block truncate">{me?.email}</span>
        </MenuLabel>
        <MenuSeparator />
        <MenuLabel>Theme</MenuLabel>
        <MenuChoices value={theme} onChange={(value) => isTheme(value) && chooseTheme(value)}>
          {themes.map(([value, label]) => (
            <MenuChoice key={value} value={value}>
              {label}
            </MenuChoice>
          ))}
        </MenuChoices>
        <MenuSeparator />
        <MenuItem onSelect={() => signOut.mutate()}>
          <LogOut aria-hidden />
          Sign out
        </MenuItem>
      </Menu>
    </>
  )
}
