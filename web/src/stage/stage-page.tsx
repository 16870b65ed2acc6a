import { useInfiniteQuery } from "@tanstack/react-query"
import { Search } from "lucide-react"
import { useEffect } from "react"
import { chatsQuery } from "../api/queries.ts"
import { useMayChat } from "../auth/may-chat.ts"
import { NewChat } from "../chat/new-chat-page.tsx"
import { allChats, type ChatPages } from "../chats/chat-pages.ts"
import { isLive, needsYou } from "../chats/status.ts"
import { openPalette } from "../shell/overlays.ts"
import { Page } from "../shell/page.tsx"
import { Bar } from "../ui/bar.tsx"
import { IconButton } from "../ui/button.tsx"
import { lazyComponent } from "../ui/lazy-page.tsx"
import { ChatCards } from "./chat-cards.tsx"
import { SharedCards } from "./shared-cards.tsx"
import { type StageView, useStageView } from "./view-choice.ts"

const board = lazyComponent("The board", async () => (await import("./board.tsx")).Board)
const figures = lazyComponent("The figures", async () => (await import("./figures.tsx")).Figures)

const countLive = (pages: ChatPages) => {
  const chats = allChats(pages)
  return { live: chats.filter(isLive).length, asking: chats.filter(needsYou).length }
}

const VIEWS: ReadonlyArray<{ readonly view: StageView; readonly name: string }> = [
  { view: "board", name: "Board" },
  { view: "list", name: "List" },
]

interface ViewSwitchProps {
  readonly value: StageView
  readonly onChoose: (view: StageView) => void
}

const ViewSwitch = ({ value, onChoose }: ViewSwitchProps) => (
  <div role="group" aria-label="View" className="flex rounded-control border border-line bg-sunken p-px">
    {VIEWS.map(({ view, name }) => (
      <button
        key={view}
        type="button"
        aria-pressed={view === value}
        onClick={() => onChoose(view)}
        className="h-6 rounded-small px-2 text-xs text-ink-soft transition-colors hover:text-ink aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-low pointer-coarse:h-10"
      >
        {name}
      </button>
    ))}
  </div>
)

/** Home of who starts no chats: why, and what others share. */
const Reading = () => {
  useEffect(() => {
    document.title = "Home · Troupe"
  }, [])
  return (
    <Page>
      <Bar title="Home" />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <div className="reading-column flex flex-col gap-8 pt-[clamp(1.5rem,9vh,6rem)] pb-16">
          <NewChat />
          <SharedCards />
        </div>
      </div>
    </Page>
  )
}

/** Home: what should be done next, who waits for a person, and what goes on; with many chats at once, as a board. */
const Stage = () => {
  const { data } = useInfiniteQuery({ ...chatsQuery, select: countLive })
  const { view, canChoose, choose } = useStageView(data?.live)
  const isBoard = view === "board"
  useEffect(() => {
    document.title = "Stage · Troupe"
  }, [])
  return (
    <Page>
      <Bar title="Stage" note={canChoose && `${data?.live ?? 0} live chats, ${data?.asking ?? 0} need you`}>
        {canChoose && <ViewSwitch value={view} onChoose={choose} />}
        <IconButton label="Search and commands" onClick={openPalette} className="md:hidden">
          <Search aria-hidden />
        </IconButton>
      </Bar>
      <div className={`flex min-h-0 flex-1 flex-col ${isBoard ? "max-md:flex-col-reverse" : "overflow-y-auto"}`}>
        <div
          className={
            isBoard
              ? "grid grid-cols-[minmax(0,46rem)_minmax(0,1fr)] items-center gap-7 px-3 py-3.5 max-md:grid-cols-1 max-md:border-t max-md:border-line max-md:py-2.5"
              : "reading-column flex flex-col gap-8 pt-[clamp(1.5rem,9vh,6rem)] pb-16"
          }
        >
          <NewChat compact={isBoard} />
          {isBoard ? <figures.Component /> : <ChatCards />}
        </div>
        {isBoard && <board.Component />}
      </div>
    </Page>
  )
}

export const StagePage = () => (useMayChat() ? <Stage /> : <Reading />)
