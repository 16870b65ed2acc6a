/** Geometry of the chart. Units are CSS pixels at full size; y goes down. */

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

export const meet = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

/** The box around a straight piece of a line, which runs along an axis. */
export const boxAround = (a: Point, b: Point): Box => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.max(1, Math.abs(a.x - b.x)),
  height: Math.max(1, Math.abs(a.y - b.y)),
})

const RADIUS = 5

const towards = (from: Point, to: Point, distance: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : distance / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

/** A line through the points with round corners, as the `d` of a path. */
export const roundedPath = (points: ReadonlyArray<Point>): string => {
  const [first] = points
  if (first === undefined) return ""
  let path = `M${first.x} ${first.y}`
  points.forEach((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]]
    if (before === undefined) return
    if (after === undefined) {
      path += `L${point.x} ${point.y}`
      return
    }
    const half = (other: Point) => Math.hypot(other.x - point.x, other.y - point.y) / 2
    const radius = Math.min(RADIUS, half(before), half(after))
    const [in_, out] = [towards(point, before, radius), towards(point, after, radius)]
    path += `L${in_.x} ${in_.y}Q${point.x} ${point.y} ${out.x} ${out.y}`
  })
  return path
}
