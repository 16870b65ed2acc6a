import { describe, expect, it } from "vitest"
import { chatMachine } from "./chat-machine.ts"
import { chatMachineGraph } from "./machine-graph.ts"

const graph = chatMachineGraph()
const paths = graph.states.map(({ path }) => path)

describe("the graph of the chat machine", () => {
  it("has every state of both regions, with what is true of them and the effects that run in them", () => {
    expect(graph.id).toBe("chat")
    expect(paths).toEqual([
      "life",
      "life.none",
      "life.waiting",
      "life.error",
      "life.arriving",
      "life.pending",
      "life.running",
      "life.running.generating",
      "life.running.executing",
      "life.running.compacting",
      "life.running.backing_off",
      "life.running.interrupting",
      "life.requires_action",
      "life.requires_action.client_tools",
      "life.requires_action.approval",
      "mode",
      "mode.normal",
      "mode.plan",
      "mode.explore",
      "mode.computer_use",
    ])
    const effects = Object.fromEntries(graph.states.map((state) => [state.path, state.effects]))
    expect(effects["life.running.generating"]).toEqual(["generate"])
    expect(effects["life.requires_action.client_tools"]).toEqual(["awaitClientTools"])
    expect(effects["life.requires_action.approval"]).toEqual([])
    const tags = Object.fromEntries(graph.states.map((state) => [state.path, state.tags]))
    expect(tags["life.running"]).toEqual(["owned", "working"])
    expect(tags["life.running.executing"]).toEqual(["slot", "works-on-calls"])
    const compound = graph.states.filter(({ type }) => type === "compound").map(({ path, initial }) => [path, initial])
    expect(compound).toEqual([
      ["life", "none"],
      ["life.running", "generating"],
      ["life.requires_action", "client_tools"],
      ["mode", "normal"],
    ])
  })

  it("has every event, between states that are there", () => {
    const events = new Set(graph.transitions.map(({ event }) => event))
    expect([...events].toSorted()).toEqual([...new Set(chatMachine.events), "at once"].toSorted())
    const unknown = graph.transitions.filter(({ source, target }) => !paths.includes(source) || !paths.includes(target))
    expect(unknown).toEqual([])
    expect(graph.transitions.filter(({ actions }) => actions.some((action) => action === ""))).toEqual([])
  })

  it("names guards in words", () => {
    const of = (source: string, event: string) =>
      graph.transitions.filter((transition) => transition.source === source && transition.event === event)
    expect(of("life.error", "DeleteQueuedMessage")).toMatchObject([{ guard: "live and not queueEmpty" }])
    expect(of("life.running", "SendMessage")).toMatchObject([
      { guard: "queueHasRoom and interrupts", target: "life.running.interrupting" },
      { guard: "queueHasRoom", target: "life.running" },
    ])
    expect(of("life.pending", "Admit")).toMatchObject([
      { guard: "resumesExecute", target: "life.running.executing" },
      { guard: "resumesCompact", target: "life.running.compacting" },
      { target: "life.running.generating", guard: "hasSteer" },
      { target: "life.running.generating" },
    ])
    expect(of("life.pending", "Admit")[3]).not.toHaveProperty("guard")
    expect(of("mode.normal", "SetMode")).toMatchObject([{ target: "mode.plan" }, { target: "mode.normal" }])
  })

  it("has no arrow for what a state forbids", () => {
    const interrupting = graph.transitions.filter(({ source }) => source === "life.running.interrupting")
    expect(interrupting.map(({ event }) => event)).not.toContain("Interrupt")
  })
})
