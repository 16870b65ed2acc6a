import { Columns3, Layers, type LucideIcon, MessageSquare, SlidersHorizontal } from "lucide-react"

/** The sections of the app, as the rail and the bar of phones list them. */
export interface Section {
  readonly to: "/agents" | "/chats" | "/library" | "/settings"
  readonly title: string
  readonly Icon: LucideIcon
  /** True for the addresses within it. */
  readonly holds: (path: string) => boolean
}

export const sections: ReadonlyArray<Section> = [
  { to: "/agents", title: "Stage", Icon: Columns3, holds: (path) => path === "/agents" || path === "/agents/" },
  { to: "/chats", title: "Chats", Icon: MessageSquare, holds: (path) => /^\/(chats|agents\/.)/.test(path) },
  { to: "/library", title: "Library", Icon: Layers, holds: (path) => path.startsWith("/library") },
  { to: "/settings", title: "Settings", Icon: SlidersHorizontal, holds: (path) => /^\/(settings|docs)/.test(path) },
]

/** What marks the link of the section that is open. The router marks links of its own accord, those of other pages as well. */
export const here = (current: boolean) => ({
  activeOptions: { exact: true },
  "aria-current": current ? ("page" as const) : undefined,
  "data-current": current,
})
