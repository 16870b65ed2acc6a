import type { Box, Point } from "./boxes.ts"
import { meet } from "./boxes.ts"

export interface Label {
  readonly id: string
  readonly text: string
  /** Middles that it may have, the best first. */
  readonly places: ReadonlyArray<Point>
}

export interface PlacedLabel {
  readonly id: string
  readonly text: string
  readonly at: Point
}

const LETTER = 5.9
const HEIGHT = 13
/** Where along a piece of a line a label is tried, from the likeliest on. */
const SHARES = [0.5, 0.3, 0.7, 0.15, 0.85]

const boxAt = ({ x, y }: Point, text: string): Box => {
  const width = text.length * LETTER + 6
  return { x: x - width / 2, y: y - HEIGHT / 2, width, height: HEIGHT }
}

/** On a line, on its longest piece first. */
export const placesOn = (line: ReadonlyArray<Point>, text: string): ReadonlyArray<Point> => {
  const half = (text.length * LETTER) / 2 + 6
  const pieces = line
    .slice(1)
    .map((to, index) => ({ from: line[index] ?? to, to }))
    .map(({ from, to }) => ({ from, to, length: Math.hypot(to.x - from.x, to.y - from.y) }))
    .toSorted((a, b) => b.length - a.length)
  return pieces.flatMap(({ from, to, length }) =>
    SHARES.flatMap((share) => {
      const x = from.x + (to.x - from.x) * share
      const y = from.y + (to.y - from.y) * share
      const isUpright = Math.abs(to.y - from.y) > Math.abs(to.x - from.x)
      const beside = isUpright
        ? [
            { x: x + half, y },
            { x: x - half, y },
          ]
        : [
            { x, y: y - HEIGHT / 2 - 3 },
            { x, y: y + HEIGHT / 2 + 3 },
          ]
      // On a short piece the words would hide it.
      return length > 3 * half || isUpright ? [{ x, y }, ...beside] : beside
    }),
  )
}

/** Beside a loop: at its right, at its left beyond the state, and above. */
export const placesBeside = (line: ReadonlyArray<Point>, text: string): ReadonlyArray<Point> => {
  const xs = line.map(({ x }) => x)
  const ys = line.map(({ y }) => y)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const half = (text.length * LETTER) / 2 + 5
  const middle = (top + bottom) / 2
  return [
    { x: right + half, y: middle },
    { x: left + half - 10, y: top - 13 },
    { x: left - half + 10, y: top - 13 },
    { x: left + half - 10, y: bottom + 13 },
    { x: left - half + 10, y: bottom + 13 },
    { x: left - half, y: middle },
  ]
}

/**
 * Puts each label where it covers neither a state nor another label nor the edge of the picture. What finds no place
 * is not written: it is told where the line is pointed at.
 */
export const placeLabels = (
  labels: ReadonlyArray<Label>,
  taken: ReadonlyArray<Box>,
  within: { readonly width: number; readonly height: number },
): ReadonlyArray<PlacedLabel> => {
  const held = [...taken]
  return labels.flatMap(({ id, text, places }) => {
    const at = places.find((point) => {
      const box = boxAt(point, text)
      const isInside =
        box.x >= 0 && box.y >= 0 && box.x + box.width <= within.width && box.y + box.height <= within.height
      return isInside && !held.some((other) => meet(box, other))
    })
    if (at === undefined) return []
    held.push(boxAt(at, text))
    return [{ id, text, at }]
  })
}
