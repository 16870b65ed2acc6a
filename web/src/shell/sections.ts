import { Columns3, House, Layers, type LucideIcon, MessageSquare, SlidersHorizontal } from "lucide-react"

/** The sections of the app, as the rail and the bar of phones list them. */
export interface Section {
  readonly to: "/agents" | "/chats" | "/library" | "/settings"
  readonly title: string
  readonly Icon: LucideIcon
  /** True for the addresses within it. */
  readonly holds: (path: string) => boolean
}

const isStage = (path: string) => path === "/agents" || path === "/agents/"

const stage: Section = { to: "/agents", title: "Stage", Icon: Columns3, holds: isStage }
/** The same page for who starts no chats: what it says then, and what others share. */
const home: Section = { to: "/agents", title: "Home", Icon: House, holds: isStage }

export const chatsSection: Section = {
  to: "/chats",
  title: "Chats",
  Icon: MessageSquare,
  holds: (path) => /^\/(chats|agents\/.)/.test(path),
}

const others: ReadonlyArray<Section> = [
  { to: "/library", title: "Library", Icon: Layers, holds: (path) => path.startsWith("/library") },
  { to: "/settings", title: "Settings", Icon: SlidersHorizontal, holds: (path) => /^\/(settings|docs)/.test(path) },
]

/** What there is to go to: chats for who starts them, or reads those that others share. */
export const sectionsFor = (mayChat: boolean, readsShared: boolean): ReadonlyArray<Section> =>
  mayChat ? [stage, chatsSection, ...others] : readsShared ? [home, chatsSection, ...others] : [home, ...others]

/** What marks the link of the section that is open. The router marks links of its own accord, those of other pages as well. */
export const here = (current: boolean) => ({
  activeOptions: { exact: true },
  "aria-current": current ? ("page" as const) : undefined,
  "data-current": current,
})
