import { expect, it } from "vitest"
import { ChatStatus } from "../../../src/contract/chats.ts"
import { chatMachineGraph } from "../../../src/machines/machine-graph.ts"
import { listedStates } from "./machine-states.ts"

it("lists every leaf of the machine with its status and the ways out of it, inherited ones too", () => {
  const graph = chatMachineGraph()
  const listed = listedStates(graph, "life")
  const leaves = graph.states.filter(({ path, type }) => type === "atomic" && path.startsWith("life."))
  expect(listed.map(({ name }) => `life.${name}`)).toEqual(leaves.map(({ path }) => path))
  const executing = listed.find(({ name }) => name === "running.executing")
  expect(executing?.status).toBe("running")
  expect(executing?.tags).toEqual(expect.arrayContaining(["works-on-calls", "working"]))
  expect(executing?.ways.map(({ event }) => event)).toContain("Interrupt")
  expect([...new Set(listed.flatMap(({ status }) => status ?? []))].toSorted()).toEqual(
    [...ChatStatus.literals].toSorted(),
  )
  for (const { ways } of listed) expect(ways.length).toBeGreaterThan(0)
})
