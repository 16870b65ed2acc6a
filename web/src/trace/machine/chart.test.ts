import Elk from "elkjs/lib/elk.bundled.js"
import { describe, expect, it } from "vitest"
import { machineGraph } from "../../gallery/machine-fixture.ts"
import { chartOf, isDrawable, lastEdges, leavesOf, litStates, possibleEdges } from "./chart.ts"
import { boxAround, meet, roundedPath } from "./boxes.ts"
import { placeLabels, placesOn } from "./label-places.ts"
import { layoutFrom, questionsOf } from "./layout.ts"

const chart = chartOf(machineGraph)
const at = (life: string, mode = "normal") => leavesOf({ life, mode })

describe("a chart of the served machine", () => {
  it("tells regions, groups, states, what is left at once, and where nothing leads", () => {
    const kinds = (kind: string) =>
      [...chart.states.values()].filter((state) => state.kind === kind).map(({ path }) => path)
    expect(kinds("region")).toEqual(["life", "mode"])
    expect(kinds("group")).toEqual(["life.running", "life.requires_action"])
    expect(kinds("junction")).toEqual(["life.arriving"])
    expect(kinds("start")).toEqual(["life.none"])
    expect(kinds("state")).toHaveLength(14)
  })

  it("has every transition that changes something on an arrow, and each pair of states once", () => {
    const drawn = chart.edges.flatMap(({ transitions }) => transitions)
    const meant = machineGraph.transitions.filter(
      ({ source, target, actions }) => source !== target || actions.length > 0,
    )
    expect(drawn.length).toBe(meant.length)
    expect(new Set(chart.edges.map(({ id }) => id)).size).toBe(chart.edges.length)
  })

  it("lights the leaves and what holds them", () => {
    expect([...litStates(chart, at("running.executing", "plan"))]).toEqual([
      "life",
      "life.running",
      "life.running.executing",
      "mode",
      "mode.plan",
    ])
  })

  it("finds what an event could take, and all that is known where nobody says what is taken", () => {
    const possible = possibleEdges(chart, at("running.generating"), ["Interrupt", "FinishTurn"])
    expect([...possible.keys()]).toEqual([
      "life.running > life.running.interrupting",
      "life.running.generating > life.waiting",
      "life.running.generating > life.arriving",
    ])
    expect(possible.get("life.running > life.running.interrupting")).toEqual(["Interrupt"])
    expect(possibleEdges(chart, at("waiting"), undefined).size).toBeGreaterThan(4)
    expect(possibleEdges(chart, at("waiting"), []).size).toBe(0)
  })

  it.each([
    [
      "RecordToolCalls",
      "running.generating",
      "running.executing",
      ["life.running.generating > life.running.executing"],
    ],
    ["Interrupt", "running.generating", "running.interrupting", ["life.running > life.running.interrupting"]],
    ["Interrupt", "pending", "waiting", ["life.pending > life.waiting"]],
    [
      "RecordGenerationAttempt",
      "running.generating",
      "running.generating",
      ["life.running.generating > life.running.generating"],
    ],
    ["SendMessage", "running.executing", "running.executing", ["life.running > life.running"]],
    [
      "SendMessage",
      "waiting",
      "running.generating",
      ["life.waiting > life.arriving", "life.arriving > life.running.generating"],
    ],
    ["Create", "none", "pending", ["life.none > life.arriving", "life.arriving > life.pending"]],
    ["ReconcileInvalidState", "waiting", "error", ["life > life.error"]],
    ["Unheard", "waiting", "error", []],
  ])("draws %s from %s to %s by the arrows that it took", (event, from, to, edges) => {
    expect([...lastEdges(chart, { event, from, to }, at(to))]).toEqual(edges)
  })

  it("draws an event of the other region there", () => {
    const last = { event: "SetMode", from: "waiting", to: "waiting" }
    expect([...lastEdges(chart, last, at("waiting", "plan"))]).toEqual(["mode.normal > mode.plan"])
  })

  it("leaves out what a hostile definition refers to and does not have, and is not drawn when it is too large", () => {
    const hostile = {
      ...machineGraph,
      states: [
        ...machineGraph.states,
        { path: "__proto__", type: "atomic" as const, tags: [], effects: [] },
        { path: "a.b.c", type: "atomic" as const, tags: [], effects: [] },
      ],
      transitions: [{ source: "constructor", event: "x", target: "toString", actions: [] }],
    }
    expect(chartOf(hostile).edges).toEqual([])
    expect(chartOf(hostile).states.get("__proto__")?.kind).toBe("state")
    const [state] = machineGraph.states
    const many = Array.from({ length: 151 }, (_, index) => ({ ...state!, path: `s${index}` }))
    expect(isDrawable({ ...machineGraph, states: many })).toBe(false)
    expect(isDrawable(machineGraph)).toBe(true)
  })
})

describe("its layout", async () => {
  const elk = new Elk()
  const layout = layoutFrom(chart, await Promise.all(questionsOf(chart).map((question) => elk.layout(question))))

  it("has a place for each state and a line for each arrow, all within the picture, narrow enough to be read", () => {
    expect([...layout.boxes.keys()].toSorted()).toEqual([...chart.states.keys()].toSorted())
    expect([...layout.lines.keys()].toSorted()).toEqual(chart.edges.map(({ id }) => id).toSorted())
    for (const { x, y, width, height } of layout.boxes.values()) {
      expect(x >= 0 && y >= 0 && x + width <= layout.width && y + height <= layout.height).toBe(true)
    }
    expect(layout.width).toBeLessThan(500)
    expect(layout.height).toBeLessThan(640)
  })

  it("keeps states apart, and begins and ends each line at its states", () => {
    const leaves = [...layout.boxes].filter(([path]) => chart.states.get(path)?.kind === "state")
    for (const [path, box] of leaves) {
      expect([path, leaves.filter(([other, at]) => other !== path && meet(at, box)).map(([other]) => other)]).toEqual([
        path,
        [],
      ])
    }
    const near = (point: { x: number; y: number } | undefined, path: string) => {
      const box = layout.boxes.get(path)!
      return meet({ x: (point?.x ?? -99) - 2, y: (point?.y ?? -99) - 2, width: 4, height: 4 }, box)
    }
    const astray = chart.edges.filter(({ id, source, target }) => {
      const line = layout.lines.get(id) ?? []
      return !near(line[0], source) || !near(line.at(-1), target)
    })
    expect(astray.map(({ id }) => id)).toEqual([])
  })

  it("finds a place for words that meets neither a state nor other words", () => {
    const labels = chart.edges
      .filter(({ source, target }) => source !== target)
      .map(({ id, transitions }) => ({
        id,
        text: transitions[0]?.event ?? "",
        places: placesOn(layout.lines.get(id) ?? [], transitions[0]?.event ?? ""),
      }))
    const states = [...layout.boxes].flatMap(([path, box]) => (chart.states.get(path)?.kind === "state" ? [box] : []))
    const placed = placeLabels(labels, states, layout)
    expect(placed.length).toBeGreaterThan(8)
    const points = placed.map(({ at }) => `${Math.round(at.x)} ${Math.round(at.y)}`)
    expect(new Set(points).size).toBe(points.length)
    for (const { at } of placed) expect(states.some((box) => meet({ ...at, width: 1, height: 1 }, box))).toBe(false)
  })
})

describe("lines", () => {
  it("have round corners, also where a piece is short", () => {
    expect(roundedPath([])).toBe("")
    expect(
      roundedPath([
        { x: 0, y: 0 },
        { x: 10, y: 0 },
      ]),
    ).toBe("M0 0L10 0")
    expect(
      roundedPath([
        { x: 0, y: 0 },
        { x: 20, y: 0 },
        { x: 20, y: 4 },
      ]),
    ).toBe("M0 0L18 0Q20 0 20 2L20 4")
  })

  it("take room even where they are thin", () => {
    expect(meet(boxAround({ x: 5, y: 0 }, { x: 5, y: 20 }), { x: 0, y: 5, width: 10, height: 2 })).toBe(true)
  })
})
