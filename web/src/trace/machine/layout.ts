import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api.js"
import { type Box, boxAround, meet, type Point } from "./boxes.ts"
import type { BoxKind, Chart, ChartState } from "./chart.ts"

/** From a chart to what the layout engine is asked, and from its answer to boxes and lines. */

export interface ChartLayout {
  readonly width: number
  readonly height: number
  /** By path. */
  readonly boxes: ReadonlyMap<string, Box>
  /** By edge, from its source to its head. */
  readonly lines: ReadonlyMap<string, ReadonlyArray<Point>>
}

/** Letters of a name that are drawn. */
export const NAME_LETTERS = 22
const STATE_HEIGHT = 26
const DOT = 12
const GAP = 14
const REGION_PADDING = { top: 26, side: 12, bottom: 12 }

const widthOf = (name: string): number => Math.min(name.length, NAME_LETTERS) * 6.6 + 18

const LAYERED = {
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  // Arrows into one state run together: there are fifty of them.
  "elk.layered.mergeEdges": "true",
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.spacing.nodeNodeBetweenLayers": "26",
  "elk.layered.spacing.edgeNodeBetweenLayers": "9",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "6",
  "elk.spacing.nodeNode": "12",
  "elk.spacing.edgeNode": "7",
  "elk.spacing.edgeEdge": "6",
}

/** States that do not hang together stand beside each other as well. */
const BESIDE = {
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "SEPARATE_CHILDREN",
  "elk.aspectRatio": "40",
  "elk.spacing.componentComponent": "16",
  "elk.layered.mergeEdges": "false",
  "elk.layered.spacing.nodeNodeBetweenLayers": "40",
}

const childrenOf = ({ states }: Chart, parent: string | undefined): ReadonlyArray<ChartState> =>
  [...states.values()].filter((state) => state.parent === parent)

const nodeOf = (chart: Chart, { path, name, kind }: ChartState): ElkNode => {
  const children = childrenOf(chart, path).map((child) => nodeOf(chart, child))
  if (children.length > 0) {
    return { id: path, children, layoutOptions: { "elk.padding": "[top=26,left=10,bottom=10,right=10]" } }
  }
  const isDot = kind === "junction" || kind === "start"
  return isDot ? { id: path, width: DOT, height: DOT } : { id: path, width: widthOf(name), height: STATE_HEIGHT }
}

export const regionsOf = (chart: Chart): ReadonlyArray<ChartState> => childrenOf(chart, undefined)

const isWithin = (region: string, path: string): boolean => path.startsWith(`${region}.`)

/** What the engine is asked, one question for each region. One whose states hold no others goes from left to right. */
export const questionsOf = (chart: Chart): ReadonlyArray<ElkNode> =>
  regionsOf(chart).map(({ path }) => {
    const children = childrenOf(chart, path)
    const isFlat = children.every((child) => childrenOf(chart, child.path).length === 0) && children.length < 6
    return {
      id: path,
      layoutOptions: { ...LAYERED, ...(isFlat ? BESIDE : { "elk.direction": "DOWN" }) },
      children: children.map((child) => nodeOf(chart, child)),
      edges: chart.edges
        .filter(({ source, target }) => source !== target && isWithin(path, source) && isWithin(path, target))
        .map(({ id, source, target }) => ({ id, sources: [source], targets: [target] })),
    }
  })

interface Placed {
  readonly boxes: Map<string, Box>
  readonly lines: Map<string, ReadonlyArray<Point>>
}

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode, at: Point): Box => ({
  x: at.x + x,
  y: at.y + y,
  width,
  height,
})

const placeNodes = (node: ElkNode, at: Point, { boxes }: Placed): void => {
  for (const child of node.children ?? []) {
    const box = boxOf(child, at)
    boxes.set(child.id, box)
    placeNodes(child, box, { boxes, lines: new Map() })
  }
}

/** Points of an edge are told from the node that holds it. */
const placeEdges = (node: ElkNode, origin: Point, placed: Placed): void => {
  const edges: ReadonlyArray<ElkExtendedEdge> = node.edges ?? []
  for (const { id, container, sections } of edges) {
    const from = (container === node.id ? undefined : placed.boxes.get(container ?? "")) ?? origin
    const points = (sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
      startPoint,
      ...bendPoints,
      endPoint,
    ])
    placed.lines.set(
      id,
      points.map(({ x, y }) => ({ x: x + from.x, y: y + from.y })),
    )
  }
}

/** A straight line from the frame of a region to a state in it, past all others. */
const lineFromFrame = (frame: Box, target: Box, others: ReadonlyArray<Box>): ReadonlyArray<Point> => {
  const [middleX, middleY] = [target.x + target.width / 2, target.y + target.height / 2]
  const lines: ReadonlyArray<readonly [Point, Point]> = [
    [
      { x: middleX, y: frame.y + frame.height },
      { x: middleX, y: target.y + target.height },
    ],
    [
      { x: frame.x, y: middleY },
      { x: target.x, y: middleY },
    ],
    [
      { x: frame.x + frame.width, y: middleY },
      { x: target.x + target.width, y: middleY },
    ],
    [
      { x: middleX, y: frame.y },
      { x: middleX, y: target.y },
    ],
  ]
  const free = lines.find(([a, b]) => !others.some((box) => meet(boxAround(a, b), box)))
  return free ?? lines[0] ?? []
}

/** Loops that a box may have, the best first. */
const loopsOf = ({ x, y, width, height }: Box, kind: BoxKind): ReadonlyArray<ReadonlyArray<Point>> => {
  const upright = (left: number, edge: number, out: number) => [
    { x: left, y: edge },
    { x: left, y: edge + out },
    { x: left + 14, y: edge + out },
    { x: left + 14, y: edge },
  ]
  const lying = (edge: number, out: number) => {
    const middle = y + height / 2
    return [
      { x: edge, y: middle - 5 },
      { x: edge + out, y: middle - 5 },
      { x: edge + out, y: middle + 5 },
      { x: edge, y: middle + 5 },
    ]
  }
  // Beside the name of a region, within its frame.
  if (kind === "region") return [upright(x + 52, y, 9)]
  const right = x + width
  const above = [upright(right - 22, y, -9), upright(x + 8, y, -9), upright(right - 22, y + height, 9)]
  return kind === "group" ? above : [lying(right, 11), ...above, lying(x, -11)]
}

const areaOf = (line: ReadonlyArray<Point>): Box => {
  const xs = line.map((point) => point.x)
  const ys = line.map((point) => point.y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top }
}

const piecesOf = (line: ReadonlyArray<Point>): ReadonlyArray<Box> =>
  line.slice(1).map((to, index) => boxAround(line[index] ?? to, to))

/** Each arrow that comes back to its state: where it meets no other line, if there is such a place. */
const placeLoops = ({ edges, states }: Chart, { boxes, lines }: Placed): void => {
  const taken = [...lines.values()].flatMap(piecesOf)
  for (const { id, source, target } of edges) {
    const box = boxes.get(source)
    if (source !== target || box === undefined) continue
    const loops = loopsOf(box, states.get(source)?.kind ?? "state")
    const free = loops.find((loop) => !taken.some((piece) => meet(areaOf(loop), piece)))
    const line = free ?? loops[0] ?? []
    lines.set(id, line)
    taken.push(areaOf(line))
  }
}

/** The regions under each other, each in a frame, all as wide as the widest. */
export const layoutFrom = (chart: Chart, answers: ReadonlyArray<ElkNode>): ChartLayout => {
  const placed: Placed = { boxes: new Map(), lines: new Map() }
  const { top, side, bottom } = REGION_PADDING
  const width = Math.max(0, ...answers.map((answer) => answer.width ?? 0)) + 2 * side
  let y = 0
  for (const answer of answers) {
    const { width: inner = 0, height = 0 } = answer
    const origin = { x: (width - inner) / 2, y: y + top }
    const frame = { x: 0, y, width, height: height + top + bottom }
    placed.boxes.set(answer.id, frame)
    placeNodes(answer, origin, placed)
    placeEdges(answer, origin, placed)
    y += frame.height + GAP
  }
  for (const { id, source, target } of chart.edges) {
    const [frame, box] = [placed.boxes.get(source), placed.boxes.get(target)]
    if (placed.lines.has(id) || source === target || frame === undefined || box === undefined) continue
    const others = [...placed.boxes].flatMap(([path, other]) =>
      path === source || path === target || isWithin(path, target) || !isWithin(source, path) ? [] : [other],
    )
    placed.lines.set(id, lineFromFrame(frame, box, others))
  }
  placeLoops(chart, placed)
  return { width, height: Math.max(0, y - GAP), boxes: placed.boxes, lines: placed.lines }
}
