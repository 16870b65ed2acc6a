import { describe, expect, it } from "vitest"
import { Effect, Option } from "effect"
import { Inspection } from "../../src/chats/inspection.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"

/** A chat's life on a time axis, against what it went through. */

const engines = useEngines()
const follow = useReaders()

const stepsOf = (engine: Engine, chatId: string) =>
  engine.run(
    Effect.gen(function* () {
      const row = yield* (yield* ChatReads).get(chatId).pipe(Effect.orDie, Effect.map(Option.getOrThrow))
      return yield* (yield* Inspection).steps(row)
    }),
  )

describe("the steps of a chat that was tried again, ran a tool and answered", () => {
  it("are told in one answer: states, attempts with what they cost, calls, owner", async () => {
    const engine = await engines.start()
    engines.provider.script(
      { items: [{ text: "half" }, { cut: "reset" }] },
      { items: [{ text: "look" }, { calls: [{ tool: "read_file", args: { path: "/a" } }] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    await follow(engine, chatId).until(
      ({ lines, activity }) => activity === "waiting" && lines.includes("assistant: done"),
    )
    const steps = await stepsOf(engine, chatId)

    expect(steps.attempts.map(({ end }) => end)).toEqual(["retried", "replied", "replied"])
    const [lost, ...kept] = steps.attempts
    expect(lost).not.toHaveProperty("message_id")
    expect(lost?.failure).toMatchObject({ kind: "timeout", message: expect.stringContaining("failed") as unknown })
    expect(steps.prompts).toMatchObject([{ version: 1, since: lost?.since, sent_by: engine.caller.userId }])
    for (const { first_token, message_id, model_config_id, since, until, usage } of kept) {
      expect(message_id && usage && model_config_id).toBeTruthy()
      // Each is measured by a clock of its own: the beginning by the database, the first of the reply from there on by us.
      expect(Date.parse(first_token ?? "")).toBeGreaterThanOrEqual(Date.parse(since))
      expect(until).toBeDefined()
    }
    expect(steps.states.map(({ activity }) => activity)).toEqual([
      "running.generating",
      "running.backing_off",
      "running.generating",
      "running.executing",
      "running.generating",
      "waiting",
    ])
    expect(steps.states.slice(1).map(({ since }) => since)).toEqual(steps.states.slice(0, -1).map(({ until }) => until))
    expect(steps.calls).toMatchObject([{ tool_name: "read_file", state: "done", message_id: kept[0]?.message_id }])
    expect(steps.owners).toHaveLength(1)
    expect(steps.times).toHaveLength(steps.last_version)
    const timeOf = (version: number) => new Date(Date.parse(steps.began) + (steps.times[version - 1] ?? NaN))
    expect(steps.states.map(({ version }) => timeOf(version).toISOString())).toEqual(
      steps.states.map(({ since }) => since),
    )
    expect([steps.first_version, steps.states.at(-1)?.version]).toEqual([1, steps.last_version])
    expect(JSON.stringify(steps)).not.toContain("half")
  })
})
