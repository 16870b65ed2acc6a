import { Outlet, useLocation } from "@tanstack/react-router"
import { PanelLeft } from "lucide-react"
import { Dialog } from "radix-ui"
import { useState } from "react"
import { useChatWatch } from "../chats/watch.ts"
import { IconButton } from "../ui/button.tsx"
import { Sidebar } from "./sidebar.tsx"

/** The list as a drawer, where the screen has no room for both. */
const SidebarDrawer = () => {
  const { pathname } = useLocation()
  const [openedAt, setOpenedAt] = useState<string>()
  // Going anywhere closes it.
  const open = openedAt === pathname
  return (
    <Dialog.Root open={open} onOpenChange={(next) => setOpenedAt(next ? pathname : undefined)}>
      <Dialog.Trigger asChild>
        <IconButton label="Open the chat list" className="absolute top-2 left-2 z-20 md:hidden">
          <PanelLeft aria-hidden />
        </IconButton>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="appear fixed inset-0 z-30 bg-[oklch(0_0_0/0.4)] md:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          className="slide-in fixed inset-y-0 left-0 z-40 w-80 max-w-[85vw] bg-sidebar shadow-overlay outline-none md:hidden"
        >
          <Dialog.Title className="sr-only">Chats</Dialog.Title>
          <Sidebar />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Every page behind the sign-in: the chat list beside the page itself. */
export const Shell = () => {
  useChatWatch()
  return (
    <div className="flex h-full">
      <a
        href="#page"
        className="sr-only z-50 rounded-control bg-primary px-3 py-2 text-on-primary focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <aside
        aria-label="Sidebar"
        className="hidden w-(--width-sidebar) shrink-0 border-r border-line bg-sidebar md:block"
      >
        <Sidebar />
      </aside>
      <div className="relative flex min-w-0 flex-1 flex-col">
        <SidebarDrawer />
        <main id="page" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
      </div>
    </div>
  )
}
