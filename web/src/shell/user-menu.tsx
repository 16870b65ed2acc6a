import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { ChevronsUpDown, LogOut } from "lucide-react"
import { DropdownMenu } from "radix-ui"
import { call, messageOf } from "../api/client.ts"
import { firstUserQuery, meQuery } from "../api/queries.ts"
import { clearDrafts } from "../composer/drafts.ts"
import { setTheme, type Theme, useTheme } from "../theme/theme.ts"
import { MenuChoice, MenuContent, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu.tsx"
import { notifyFailure } from "../ui/notify.ts"

const themes: ReadonlyArray<readonly [Theme, string]> = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
]

const isTheme = (value: string): value is Theme => themes.some(([theme]) => theme === value)

/** Who is signed in, the theme, and signing out. */
export const UserMenu = () => {
  const { data: me } = useQuery(meQuery)
  const theme = useTheme()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const signOut = useMutation({
    mutationFn: () => call("logout"),
    onSuccess: async () => {
      clearDrafts()
      await navigate({ to: "/login" })
      // All that was the user's. What the sign-in page asks is under way by now, and would never be answered.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== firstUserQuery.queryKey[0] })
    },
    onError: (error) => notifyFailure("You are still signed in", messageOf(error)),
  })
  const name = me?.name || me?.username || "Account"

  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={`${name}: account and theme`}
        className="flex h-11 w-full items-center gap-2.5 rounded-control px-2 text-left transition-colors hover:bg-hover data-[state=open]:bg-hover"
      >
        <span
          aria-hidden
          className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-fill text-xs font-semibold text-accent uppercase"
        >
          {name.slice(0, 1)}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{name}</span>
        </span>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
      </DropdownMenu.Trigger>
      <MenuContent side="top" align="start" className="w-60">
        <MenuLabel>
          <span className="block truncate">{me?.email}</span>
        </MenuLabel>
        <MenuSeparator />
        <MenuLabel>Theme</MenuLabel>
        <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => isTheme(value) && setTheme(value)}>
          {themes.map(([value, label]) => (
            <MenuChoice key={value} value={value}>
              {label}
            </MenuChoice>
          ))}
        </DropdownMenu.RadioGroup>
        <MenuSeparator />
        <MenuItem onSelect={() => signOut.mutate()}>
          <LogOut aria-hidden />
          Sign out
        </MenuItem>
      </MenuContent>
    </DropdownMenu.Root>
  )
}
