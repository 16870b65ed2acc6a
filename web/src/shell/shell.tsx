import { Outlet, useLocation, useParams } from "@tanstack/react-router"
import { useEffect } from "react"
import { useChatWatch } from "../chats/watch.ts"
import { useOwnTheme } from "../theme/own-theme.ts"
import { lazyComponent } from "../ui/lazy-page.tsx"
import { ConnectionBanner } from "./connection-banner.tsx"
import { showOverlay, useOverlay } from "./overlays.ts"
import { PhoneBar } from "./phone-bar.tsx"
import { Rail } from "./rail.tsx"
import { useShowNeedsYou } from "./needs-you.ts"
import { useShortcuts } from "./shortcuts.ts"

const PALETTE_LATER_MS = 1_500

const closeOverlay = () => showOverlay(undefined)
const palette = lazyComponent("The palette", async () => (await import("./palette.tsx")).Palette)
const share = lazyComponent("Sharing", async () => (await import("../sharing/share-dialog.tsx")).ShareDialog)
const keys = lazyComponent("The map of keys", async () => (await import("./key-map.tsx")).KeyMap)

/** The palette, the map of keys, and who reads the open chat. The palette is loaded once the page has nothing else to do: who opens it types at once. */
const Overlays = () => {
  const overlay = useOverlay()
  const { pathname } = useLocation()
  const { chatId } = useParams({ strict: false })
  // Going anywhere closes it.
  useEffect(closeOverlay, [pathname])
  useEffect(() => {
    const timer = setTimeout(() => void palette.preload(), PALETTE_LATER_MS)
    return () => clearTimeout(timer)
  }, [])
  switch (overlay) {
    case "palette":
      return <palette.Component onClose={closeOverlay} />
    case "keys":
      return <keys.Component onClose={closeOverlay} />
    case "share":
      return chatId === undefined ? null : <share.Component chatId={chatId} onClose={closeOverlay} />
    case undefined:
      return null
  }
}

/** Every page behind the sign-in: the sections of the app at the edge, and the page itself. */
export const Shell = () => {
  useChatWatch()
  useShortcuts()
  useShowNeedsYou()
  useOwnTheme()
  return (
    <div className="flex h-full bg-canvas">
      <a
        href="#page"
        className="sr-only z-50 rounded-control bg-primary px-3 py-2 text-on-primary focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <div className="flex min-h-0 flex-1">
          <Outlet />
        </div>
        <PhoneBar />
      </div>
      <Overlays />
    </div>
  )
}
