import type { useNavigate } from "@tanstack/react-router"
import {
  Bot,
  Braces,
  Building2,
  Columns3,
  FileClock,
  Keyboard,
  Layers,
  type LucideIcon,
  MessageSquare,
  Monitor,
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
  Users,
} from "lucide-react"
import type { PeoplePages } from "../auth/administration.ts"
import { setTheme } from "../theme/theme.ts"
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

const commands: ReadonlyArray<Command> = [
  { title: "New chat", also: "start create", Icon: Plus, run: (go) => void go({ to: "/agents" }) },
  { title: "Stage", also: "home", note: "Go to", Icon: Columns3, run: (go) => void go({ to: "/agents" }) },
  { title: "Chats", also: "list", note: "Go to", Icon: MessageSquare, run: (go) => void go({ to: "/chats" }) },
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
  { title: "Show or hide the chat list", also: "sidebar collapse", Icon: PanelLeft, run: toggleList },
  { title: "Keys", also: "keyboard shortcuts help", note: "?", Icon: Keyboard, run: () => showOverlay("keys") },
]

const settings: ReadonlyArray<Command> = [
  {
    title: "Appearance",
    also: "theme dark light settings",
    Icon: SlidersHorizontal,
    run: (go) => void go({ to: "/settings/appearance" }),
  },
  { title: "Theme as the system", also: "appearance", Icon: Monitor, run: () => setTheme("system") },
  { title: "Light theme", also: "appearance", Icon: Sun, run: () => setTheme("light") },
  { title: "Dark theme", also: "appearance", Icon: Moon, run: () => setTheme("dark") },
  {
    title: "Account",
    also: "profile sign out settings",
    Icon: SlidersHorizontal,
    run: (go) => void go({ to: "/settings/account" }),
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
  { title: "Share this chat", also: "readers people groups acl", Icon: Users, run: () => showOverlay("share") },
]

export interface Commanding {
  readonly owner: boolean
  /** Which of the pages of people are for whoever looks; undefined while nobody knows. */
  readonly people: PeoplePages | undefined
  /** A chat of one's own is open. */
  readonly ownChat: boolean
}

export const commandsFor = ({ owner, people, ownChat }: Commanding): ReadonlyArray<CommandGroup> => [
  { title: "Commands", commands: ownChat ? [...ofChat, ...commands] : commands },
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
