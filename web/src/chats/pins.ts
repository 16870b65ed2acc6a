import type { Chat } from "../../../src/contract/chats.ts"

export const pinnedOf = (chats: ReadonlyArray<Chat>): ReadonlyArray<Chat> =>
  chats.filter((chat) => chat.pin_order > 0 && !chat.archived).sort((a, b) => a.pin_order - b.pin_order)

/**
 * The chats once this one has the place, as the server numbers them: 0 takes the pin off, a chat without one gets the last place
 * whatever was asked for, and all the others close up.
 */
export const withPin = (chats: ReadonlyArray<Chat>, chatId: string, order: number): ReadonlyArray<Chat> => {
  const pinned = pinnedOf(chats)
  const others = pinned.filter(({ id }) => id !== chatId).map(({ id }) => id)
  const at = others.length === pinned.length ? others.length : Math.min(order, others.length + 1) - 1
  const ids = order === 0 ? others : others.toSpliced(at, 0, chatId)
  return chats.map((chat) => {
    const pin_order = ids.indexOf(chat.id) + 1
    return pin_order === chat.pin_order ? chat : { ...chat, pin_order }
  })
}

/** The items with the one at `from` at `to`. */
export const moved = <Item>(items: ReadonlyArray<Item>, from: number, to: number): ReadonlyArray<Item> => {
  const item = items[from]
  return item === undefined ? items : items.toSpliced(from, 1).toSpliced(to, 0, item)
}

/** Where an item of a list ends up that is dragged by `dy` pixels: past half of a row it changes places with it. */
export const placeAfterDrag = (heights: ReadonlyArray<number>, from: number, dy: number): number => {
  let place = from
  let left = Math.abs(dy)
  const step = Math.sign(dy)
  for (let next = from + step; next >= 0 && next < heights.length && step !== 0; next += step) {
    const height = heights[next] ?? 0
    if (left < height / 2) break
    left -= height
    place = next
  }
  return place
}
