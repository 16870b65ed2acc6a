import { useState } from "react"
import type { ChatBoard } from "../../../src/contract/board.ts"
import type { Chat } from "../../../src/contract/chats.ts"
import { Card } from "../stage/card.tsx"
import { Figures } from "../stage/figures.tsx"
import { GoneCard } from "../stage/gone-card.tsx"
import { Looks } from "../stage/looks.ts"
import { RestingRow } from "../stage/resting-row.tsx"
import { boardCards, chats } from "./fixtures.ts"

const heading = "border-b border-line pb-1 text-xs text-ink-faint"

const looksOf = (cards: ReadonlyArray<Chat & { readonly board: ChatBoard }>): Looks => {
  const looks = new Looks()
  looks.read(cards)
  return looks
}

/** The Stage as a board: a card in every state. */
export const StagePieces = () => {
  const [looks] = useState(() => looksOf(boardCards))
  const [now] = useState(() => Date.now())
  return (
    <section aria-label="Cards of the board" className="flex min-w-0 flex-col gap-3">
      <h2 className={heading}>Cards of the board</h2>
      <ul className="grid grid-cols-1 items-start gap-2 sm:grid-cols-2">
        {boardCards.map((chat) => (
          <li key={chat.id} className="min-w-0">
            <Card chat={chat} looks={looks} current={false} />
          </li>
        ))}
        <li className="min-w-0">
          {chats.slice(4, 5).map((chat) => (
            <GoneCard key={chat.id} chat={chat} current={false} />
          ))}
        </li>
      </ul>
      {chats.slice(5, 7).map((chat) => (
        <RestingRow key={chat.id} chat={chat} current now={now} />
      ))}
      <Figures />
    </section>
  )
}
