import {
  type Edge,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
} from "@xyflow/react"
import { memo, useEffect, useMemo, useRef } from "react"
import "@xyflow/react/dist/base.css"
import { visibleText } from "../../ui/visible-text.ts"
import { type Point, roundedPath } from "./boxes.ts"
import { type ChartState, covers, lastEdges, type LastEvent, litStates, possibleEdges } from "./chart.ts"
import type { DrawnChart } from "./chart-layout.ts"
import { placeLabels, placesBeside, placesOn } from "./label-places.ts"
import { NAME_LETTERS } from "./layout.ts"
import { litStyle } from "./lit-look.ts"
import "./statechart.css"

type BoxNode = Node<
  { readonly state: ChartState; readonly lit: boolean; readonly told: boolean; readonly leaf: string },
  "box"
>
interface LineData extends Record<string, unknown> {
  readonly points: ReadonlyArray<Point>
  readonly look: "last" | "possible" | "faint"
  readonly told: boolean
  readonly leaf: string
  readonly label: { readonly text: string; readonly at: Point } | undefined
}
type LineEdge = Edge<LineData, "line">

const shortName = (name: string): string => {
  const shown = visibleText(name)
  return shown.length > NAME_LETTERS ? `${shown.slice(0, NAME_LETTERS - 1)}…` : shown
}

/** Lines end at places of their own; the library only wants to see that there is an end. */
const ends = (
  <>
    <Handle type="source" position={Position.Top} isConnectable={false} className="invisible" />
    <Handle type="target" position={Position.Top} isConnectable={false} className="invisible" />
  </>
)

const BoxView = memo(({ data: { state, lit, told, leaf } }: NodeProps<BoxNode>) => {
  const isDot = state.kind === "junction" || state.kind === "start"
  return (
    <div
      className={`statechart-box statechart-${state.kind}`}
      data-lit={lit && state.kind !== "region"}
      data-told={told}
      style={litStyle(leaf)}
    >
      {!isDot && shortName(state.name)}
      {ends}
    </div>
  )
})

const headAt = (points: ReadonlyArray<Point>): string => {
  const [from, to] = points.slice(-2)
  if (from === undefined || to === undefined) return ""
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const [x, y] = [(to.x - from.x) / length, (to.y - from.y) / length]
  const back = { x: to.x - x * 6, y: to.y - y * 6 }
  return `M${to.x} ${to.y}L${back.x - y * 3} ${back.y + x * 3}L${back.x + y * 3} ${back.y - x * 3}Z`
}

const LineView = memo(({ data }: EdgeProps<LineEdge>) => {
  if (data === undefined) return null
  const { points, look, told, leaf, label } = data
  const path = roundedPath(points)
  const marks = { "data-possible": look === "possible", "data-last": look === "last", "data-told": told }
  return (
    <g style={litStyle(leaf)}>
      <path d={path} className="react-flow__edge-interaction" fill="none" strokeOpacity={0} strokeWidth={9} />
      <path d={path} className="statechart-line" {...marks} />
      <path d={headAt(points)} className="statechart-head" {...marks} />
      {label !== undefined && (
        <text x={label.at.x} y={label.at.y} className="statechart-label" {...marks}>
          {label.text}
        </text>
      )}
    </g>
  )
})

const nodeTypes = { box: BoxView }
const edgeTypes = { line: LineView }

/** What is written on a line: its events, short. */
const LABEL_LETTERS = 24
const labelOf = (events: ReadonlyArray<string>): string => {
  const [first = "", ...rest] = events.map(visibleText)
  const shown = first.length > LABEL_LETTERS ? `${first.slice(0, LABEL_LETTERS - 1)}…` : first
  return rest.length === 0 ? shown : `${shown} +${rest.length}`
}

export interface StatechartProps {
  readonly drawn: DrawnChart
  readonly leaves: ReadonlyArray<string>
  /** Undefined where it is not known what the state takes. */
  readonly accepts: ReadonlyArray<string> | undefined
  readonly last: LastEvent | undefined
  /** Path of the state, or id of the arrow, that is told about. */
  readonly told: string | undefined
  readonly onTell: (what: string | undefined) => void
  /** It can be moved and enlarged; else it has the width of its place. */
  readonly free?: boolean
  readonly label: string
}

const useNodes = ({ drawn, leaves, told }: StatechartProps): Array<BoxNode> =>
  useMemo(() => {
    const lit = litStates(drawn.chart, leaves)
    return [...drawn.chart.states.values()].flatMap((state) => {
      const box = drawn.layout.boxes.get(state.path)
      if (box === undefined) return []
      const leaf = leaves.find((leaf) => covers(state.path, leaf)) ?? state.path
      return [
        {
          id: state.path,
          type: "box" as const,
          position: { x: box.x, y: box.y },
          width: box.width,
          height: box.height,
          zIndex: state.path.split(".").length,
          data: { state, lit: lit.has(state.path), told: told === state.path, leaf },
        },
      ]
    })
  }, [drawn, leaves, told])

const useEdges = ({ drawn, leaves, accepts, last, told }: StatechartProps): Array<LineEdge> =>
  useMemo(() => {
    const { chart, layout } = drawn
    const possible = possibleEdges(chart, leaves, accepts)
    const taken = last === undefined ? new Set<string>() : lastEdges(chart, last, leaves)
    const [begun] = taken
    const lines = chart.edges.flatMap((edge) => {
      const line = layout.lines.get(edge.id)
      return line === undefined || line.length < 2 ? [] : [{ edge, line }]
    })
    const wanted = lines.flatMap(({ edge, line }) => {
      const events = taken.has(edge.id) && last !== undefined ? [last.event] : possible.get(edge.id)
      // A loop is too short for words, unless it was taken.
      if (events === undefined || (edge.source === edge.target && !taken.has(edge.id))) return []
      // It is named where it set out, and not once more where it went on.
      if (taken.has(edge.id) && edge.id !== begun) return []
      const text = labelOf(events)
      const places = edge.source === edge.target ? placesBeside(line, text) : placesOn(line, text)
      return [{ id: edge.id, text, places }]
    })
    const small = [...layout.boxes].flatMap(([path, box]) =>
      ["group", "region"].includes(chart.states.get(path)?.kind ?? "") ? [{ ...box, height: 18, width: 70 }] : [box],
    )
    const first = wanted.toSorted((a, b) => Number(taken.has(b.id)) - Number(taken.has(a.id)))
    const labels = new Map(placeLabels(first, small, layout).map((label) => [label.id, label]))
    return lines.map(({ edge, line }) => {
      const look = taken.has(edge.id) ? "last" : possible.has(edge.id) ? "possible" : "faint"
      return {
        id: edge.id,
        type: "line" as const,
        source: edge.source,
        target: edge.target,
        zIndex: look === "last" ? 30 : look === "possible" ? 20 : 10,
        data: {
          points: line,
          look,
          told: told === edge.id,
          leaf: leaves.find((leaf) => covers(edge.target, leaf)) ?? leaves[0] ?? "",
          label: labels.get(edge.id),
        },
      }
    })
  }, [drawn, leaves, accepts, last, told])

const FIT = { padding: 0.01, minZoom: 0.2, maxZoom: 2 }

/** The machine of a chat, with what is lit in it. A picture: what it says is said beside it in words, which the keyboard reaches. */
export const Statechart = (props: StatechartProps) => {
  const { drawn, onTell, free = false, label } = props
  const frame = useRef<HTMLDivElement>(null)
  const flow = useRef<ReactFlowInstance<BoxNode, LineEdge>>(null)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const resized = new ResizeObserver(() => void flow.current?.fitView(FIT))
    resized.observe(element)
    return () => resized.disconnect()
  }, [])
  const { width, height } = drawn.layout
  return (
    <div
      ref={frame}
      role="img"
      aria-label={label}
      className={`statechart relative ${free ? "h-full" : "w-full"}`}
      style={free ? undefined : { aspectRatio: `${width} / ${height}` }}
      onPointerLeave={() => onTell(undefined)}
    >
      <div className="absolute inset-0">
        <ReactFlow
          nodes={useNodes(props)}
          edges={useEdges(props)}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onInit={(instance) => {
            flow.current = instance
          }}
          fitView
          fitViewOptions={FIT}
          minZoom={FIT.minZoom}
          maxZoom={4}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          panOnDrag={free}
          zoomOnScroll={free}
          zoomOnPinch={free}
          zoomOnDoubleClick={free}
          preventScrolling={free}
          proOptions={{ hideAttribution: true }}
          onNodeMouseEnter={(_, { id }) => onTell(id)}
          onEdgeMouseEnter={(_, { id }) => onTell(id)}
          onNodeClick={(_, { id }) => onTell(id)}
          onEdgeClick={(_, { id }) => onTell(id)}
        />
      </div>
    </div>
  )
}
