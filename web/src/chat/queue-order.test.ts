import { expect, it } from "vitest"
import { moveBy, moved, moveTo } from "./queue-order.ts"

const queue = [
  { id: 1, kind: "steer" },
  { id: 2, kind: "steer" },
  { id: 3, kind: "queue" },
  { id: 4, kind: "queue" },
  { id: 5, kind: "queue" },
] as const

const orderAfter = (move: ReturnType<typeof moveBy>) => move && moved(queue, move).map(({ id }) => id)

it.each([
  [4, -1, [1, 2, 4, 3, 5]],
  [4, 1, [1, 2, 3, 5, 4]],
  [3, 1, [1, 2, 4, 3, 5]],
  [1, 1, [2, 1, 3, 4, 5]],
  [3, -1, undefined],
  [2, 1, undefined],
  [5, 1, undefined],
  [9, 1, undefined],
] as const)("%i moved by %i stands among its kind", (id, step, order) => {
  expect(orderAfter(moveBy(queue, id, step))).toEqual(order)
})

it.each([
  [5, 3, [1, 2, 5, 3, 4]],
  [3, 5, [1, 2, 4, 5, 3]],
  [3, 4, [1, 2, 4, 3, 5]],
  [1, 2, [2, 1, 3, 4, 5]],
  [3, 3, undefined],
  [3, 1, undefined],
] as const)("%i dragged over %i takes its place", (id, over, order) => {
  expect(orderAfter(moveTo(queue, id, over))).toEqual(order)
})
