import { Search } from "lucide-react"
import { useEffect } from "react"
import { NewChat } from "../chat/new-chat-page.tsx"
import { openPalette } from "../shell/overlays.ts"
import { Page } from "../shell/page.tsx"
import { Bar } from "../ui/bar.tsx"
import { IconButton } from "../ui/button.tsx"
import { ChatCards } from "./chat-cards.tsx"

/** Home: what should be done next, who waits for a person, and what went on lately. */
export const StagePage = () => {
  useEffect(() => {
    document.title = "Stage · Troupe"
  }, [])
  return (
    <Page>
      <Bar title="Stage">
        <IconButton label="Search and commands" onClick={openPalette} className="md:hidden">
          <Search aria-hidden />
        </IconButton>
      </Bar>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="reading-column flex flex-col gap-8 pt-[clamp(1.5rem,9vh,6rem)] pb-16">
          <NewChat />
          <ChatCards />
        </div>
      </div>
    </Page>
  )
}
