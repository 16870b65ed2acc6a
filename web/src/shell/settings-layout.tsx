import { Link, Outlet, useLocation } from "@tanstack/react-router"
import { useQuery } from "@tanstack/react-query"
import {
  Bot,
  Braces,
  Building2,
  ChevronLeft,
  CircleUserRound,
  Keyboard,
  Lock,
  type LucideIcon,
  Palette,
  ScrollText,
  Server,
  ShieldCheck,
  UserRound,
  UsersRound,
  KeyRound,
  MonitorSmartphone,
  RectangleEllipsis,
} from "lucide-react"
import { meQuery } from "../api/queries.ts"
import { administrationQuery, pagesFor, type PeoplePages } from "../auth/administration.ts"
import { isOwner } from "../auth/roles.ts"
import { useRovingFocus } from "../ui/roving-focus.ts"
import { Page } from "./page.tsx"

interface Entry {
  readonly to:
    | "/docs/api"
    | "/settings/account"
    | "/settings/appearance"
    | "/settings/audit"
    | "/settings/groups"
    | "/settings/keys"
    | "/settings/models"
    | "/settings/organizations"
    | "/settings/roles"
    | "/settings/service-accounts"
    | "/settings/users"
    | "/settings/password"
    | "/settings/sessions"
    | "/settings/tokens"
  readonly title: string
  readonly Icon: LucideIcon
}

const own: ReadonlyArray<Entry> = [
  { to: "/settings/account", title: "Account", Icon: CircleUserRound },
  { to: "/settings/password", title: "Password", Icon: RectangleEllipsis },
  { to: "/settings/sessions", title: "Sessions", Icon: MonitorSmartphone },
  { to: "/settings/tokens", title: "API tokens", Icon: KeyRound },
  { to: "/settings/appearance", title: "Appearance", Icon: Palette },
  { to: "/settings/keys", title: "Keys", Icon: Keyboard },
]

const programs: ReadonlyArray<Entry> = [{ to: "/docs/api", title: "API", Icon: Braces }]

const models: Entry = { to: "/settings/models", title: "Models", Icon: Server }

const people: Readonly<Record<keyof PeoplePages, ReadonlyArray<Entry>>> = {
  users: [
    { to: "/settings/users", title: "Users", Icon: UserRound },
    { to: "/settings/service-accounts", title: "Service accounts", Icon: Bot },
  ],
  groups: [{ to: "/settings/groups", title: "Groups", Icon: UsersRound }],
  organizations: [{ to: "/settings/organizations", title: "Organizations", Icon: Building2 }],
  roles: [{ to: "/settings/roles", title: "Roles", Icon: ShieldCheck }],
  audit: [{ to: "/settings/audit", title: "Audit log", Icon: ScrollText }],
}

/** What of the administration is for whoever is signed in. */
const useAdministration = (): ReadonlyArray<Entry> => {
  const { data: me } = useQuery(meQuery)
  const { data: may } = useQuery(administrationQuery)
  const pages = may === undefined ? undefined : pagesFor(may)
  return [
    ...(me !== undefined && isOwner(me) ? [models] : []),
    ...(["users", "groups", "organizations", "roles", "audit"] as const).flatMap((name) =>
      pages?.[name] === true ? people[name] : [],
    ),
  ]
}

const Entries = ({ entries }: { readonly entries: ReadonlyArray<Entry> }) =>
  entries.map(({ to, title, Icon }) => (
    <li key={to} data-row>
      <Link
        to={to}
        data-item
        tabIndex={-1}
        className="flex h-7.5 items-center gap-2.5 rounded-control px-2 text-ink-soft transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-selected aria-[current=page]:font-semibold aria-[current=page]:text-ink pointer-coarse:h-12 [&>svg]:size-4 [&>svg]:text-ink-faint"
      >
        <Icon aria-hidden />
        {title}
      </Link>
    </li>
  ))

const heading = "flex items-center gap-1.5 px-2 pt-4 pb-1.5 text-xs text-ink-faint"

/** The pages of the settings beside the one that is open; on phones one of the two. */
export const SettingsLayout = () => {
  const administration = useAdministration()
  const { pathname } = useLocation()
  const roving = useRovingFocus<HTMLElement>()
  const open = pathname.replace(/\/$/, "") !== "/settings"
  // The list of pages is the page where none of them is open, which phones show.
  const Title = open ? "h2" : "h1"
  return (
    <Page row>
      <section
        aria-label="Pages of the settings"
        className={`flex min-w-0 flex-col border-line bg-[color-mix(in_oklab,var(--rail)_45%,var(--canvas))] md:w-54 md:shrink-0 md:border-r ${open ? "max-md:hidden" : "max-md:flex-1"}`}
      >
        <div className="flex h-(--h-bar) shrink-0 items-center border-b border-line px-4 pointer-coarse:h-13">
          <Title className="text-md font-semibold">Settings</Title>
        </div>
        <nav aria-label="Settings" {...roving} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
          <h2 className={heading}>Your own</h2>
          <ul className="flex flex-col gap-px">
            <Entries entries={own} />
          </ul>
          <h2 className={heading}>For programs</h2>
          <ul className="flex flex-col gap-px">
            <Entries entries={programs} />
          </ul>
          {administration.length > 0 && (
            <>
              <h2 className={heading}>
                Administration <Lock aria-hidden className="size-3" />
              </h2>
              <ul className="flex flex-col gap-px">
                <Entries entries={administration} />
              </ul>
            </>
          )}
        </nav>
      </section>
      <div className={`relative flex min-w-0 flex-1 ${open ? "" : "max-md:hidden"}`}>
        {open && (
          <Link
            to="/settings"
            aria-label="Back to the settings"
            className="absolute top-1 left-0.5 z-20 flex size-11 items-center justify-center rounded-control text-ink-soft md:hidden"
          >
            <ChevronLeft aria-hidden className="size-5" />
          </Link>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <Outlet />
        </div>
      </div>
    </Page>
  )
}
