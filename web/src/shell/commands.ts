import type { useNavigate } from "@tanstack/react-router"
import {
  Bot,
  Braces,
  Building2,
  Columns3,
  FileClock,
  House,
  Keyboard,
  KeyRound,
  Layers,
  Lock,
  type LucideIcon,
  MessageSquare,
  Monitor,
  MonitorSmartphone,
  Moon,
  PanelLeft,
  Plus,
  ScrollText,
  Server,
  ShieldCheck,
  SlidersHorizontal,
  Sun,
  UserRound,
  UsersRound,
} from "lucide-react"
import type { PeoplePages } from "../auth/administration.ts"
import { chooseTheme } from "../theme/theme.ts"
import { toggleList } from "./list-pane.ts"
import { showOverlay } from "./overlays.ts"

/** What the palette offers beside chats. */

type Navigate = ReturnType<typeof useNavigate>

export interface Command {
  readonly title: string
  readonly note?: string
  /** Other words by which it is looked for. */
  readonly also?: string
  readonly Icon: LucideIcon
  readonly run: (navigate: Navigate) => void
}

interface CommandGroup {
  readonly title: string
  readonly commands: ReadonlyArray<Command>
}

/** For who starts chats. */
const chatting: ReadonlyArray<Command> = [
  { title: "New chat", also: "start create", Icon: Plus, run: (go) => void go({ to: "/agents" }) },
  { title: "Stage", also: "home", note: "Go to", Icon: Columns3, run: (go) => void go({ to: "/agents" }) },
]

/** For who has chats to read. */
const reading: ReadonlyArray<Command> = [
  { title: "Chats", also: "list", note: "Go to", Icon: MessageSquare, run: (go) => void go({ to: "/chats" }) },
  { title: "Show or hide the chat list", also: "sidebar collapse", Icon: PanelLeft, run: toggleList },
]

const commands: ReadonlyArray<Command> = [
  { title: "Library", also: "models", note: "Go to", Icon: Layers, run: (go) => void go({ to: "/library" }) },
  {
    title: "API",
    also: "reference docs openapi routes curl developer",
    note: "Go to",
    Icon: Braces,
    run: (go) => void go({ to: "/docs/api" }),
  },
  {
    title: "Open a Trace file",
    also: "export import inspect offline",
    Icon: FileClock,
    run: (go) => void go({ to: "/trace-file" }),
  },
  { title: "Keys", also: "keyboard shortcuts help", note: "?", Icon: Keyboard, run: () => showOverlay("keys") },
]

const settings: ReadonlyArray<Command> = [
  {
    title: "Appearance",
    also: "theme dark light settings",
    Icon: SlidersHorizontal,
    run: (go) => void go({ to: "/settings/appearance" }),
  },
  { title: "Theme as the system", also: "appearance", Icon: Monitor, run: () => chooseTheme("system") },
  { title: "Light theme", also: "appearance", Icon: Sun, run: () => chooseTheme("light") },
  { title: "Dark theme", also: "appearance", Icon: Moon, run: () => chooseTheme("dark") },
  {
    title: "Account",
    also: "profile sign out settings",
    Icon: SlidersHorizontal,
    run: (go) => void go({ to: "/settings/account" }),
  },
  { title: "Password", also: "change settings", Icon: Lock, run: (go) => void go({ to: "/settings/password" }) },
  {
    title: "Sessions",
    also: "devices browsers sign out everywhere settings",
    Icon: MonitorSmartphone,
    run: (go) => void go({ to: "/settings/sessions" }),
  },
  {
    title: "API tokens",
    also: "programs scopes curl settings",
    Icon: KeyRound,
    run: (go) => void go({ to: "/settings/tokens" }),
  },
]

const administration: ReadonlyArray<Command> = [
  {
    title: "Providers and models",
    also: "api key administration settings",
    Icon: Server,
    run: (go) => void go({ to: "/settings/models" }),
  },
]

const ofPeople: Readonly<Record<keyof PeoplePages, ReadonlyArray<Command>>> = {
  users: [
    {
      title: "Users",
      also: "people accounts administration settings",
      Icon: UserRound,
      run: (go) => void go({ to: "/settings/users" }),
    },
    {
      title: "Service accounts",
      also: "programs tokens administration settings",
      Icon: Bot,
      run: (go) => void go({ to: "/settings/service-accounts" }),
    },
  ],
  groups: [
    {
      title: "Groups",
      also: "people members administration settings",
      Icon: UsersRound,
      run: (go) => void go({ to: "/settings/groups" }),
    },
  ],
  organizations: [
    {
      title: "Organizations",
      also: "members administration settings",
      Icon: Building2,
      run: (go) => void go({ to: "/settings/organizations" }),
    },
  ],
  roles: [
    {
      title: "Roles",
      also: "permissions rights administration settings",
      Icon: ShieldCheck,
      run: (go) => void go({ to: "/settings/roles" }),
    },
  ],
  audit: [
    {
      title: "Audit log",
      also: "changes who history administration settings",
      Icon: ScrollText,
      run: (go) => void go({ to: "/settings/audit" }),
    },
  ],
}

/** About the chat of one's own that is open. */
const ofChat: ReadonlyArray<Command> = [
  { title: "Share this chat", also: "readers people groups acl", Icon: UsersRound, run: () => showOverlay("share") },
]

const home: Command = { title: "Home", note: "Go to", Icon: House, run: (go) => void go({ to: "/agents" }) }

export interface Access {
  readonly owner: boolean
  readonly mayChat: boolean
  readonly readsShared: boolean
  /** Which of the pages of people are for whoever looks; undefined while nobody knows. */
  readonly people: PeoplePages | undefined
  /** A chat of one's own is open. */
  readonly ownChat: boolean
}

export const commandsFor = (access: Access): ReadonlyArray<CommandGroup> => {
  const { owner, mayChat, readsShared, people, ownChat } = access
  return [
    {
      title: "Commands",
      commands: [
        ...(ownChat ? ofChat : []),
        ...(mayChat ? chatting : [home]),
        ...(mayChat || readsShared ? reading : []),
        ...commands,
      ],
    },
    {
      title: "Settings",
      commands: [
        ...settings,
        ...(owner ? administration : []),
        ...(["users", "groups", "organizations", "roles", "audit"] as const).flatMap((page) =>
          people?.[page] === true ? ofPeople[page] : [],
        ),
      ],
    },
  ]
}

/** True when every word of the text begins a word of the command. */
export const matches = ({ title, also = "" }: Pick<Command, "title" | "also">, text: string): boolean => {
  const words = `${title} ${also}`.toLocaleLowerCase().split(/\s+/)
  const wanted = text.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return wanted.every((word) => words.some((candidate) => candidate.startsWith(word)))
}

/** Those that are called so, before those that have to do with it. */
export const byName = (commands: ReadonlyArray<Command>, text: string): ReadonlyArray<Command> => {
  const wanted = text.trim().toLocaleLowerCase()
  const isCalledSo = ({ title }: Command) => title.toLocaleLowerCase().startsWith(wanted)
  return [...commands].sort((a, b) => Number(isCalledSo(b)) - Number(isCalledSo(a)))
}
