import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { Approvals } from "../../src/chats/approvals.ts"
import type { ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { ToolPolicies } from "../../src/turn/tool-policies.ts"
import { type ChatView, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import type { ScriptedCall } from "../support/scripted-provider/script.ts"

/** Rules about commands, as a person adds them while he is asked. What such a rule matches: `src/turn/command-rules.test.ts`. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const deploymentPolicy = (...rules: ReadonlyArray<ToolPolicyRule>) =>
  engine.run(Effect.flatMap(ToolPolicies, (policies) => policies.setDeployment(rules, engine.caller.userId)))

afterEach(async () => {
  await deploymentPolicy()
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

const results = (view: ChatView) =>
  view.transcript.flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))

const asksCommands: ReadonlyArray<ToolPolicyRule> = [{ pattern: "execute", action: "ask" }]
const allowed = { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" } as const

/** A chat with these rules that asks a person about some of its calls. */
const asked = async (tool_policy: ReadonlyArray<ToolPolicyRule>, ...calls: ReadonlyArray<ScriptedCall>) => {
  engines.provider.script({ items: [{ calls }] })
  const chatId = await engine.create("go", { more: { tool_policy } })
  const reader = follow(engine, chatId)
  await reader.activity("requires_action.approval")
  return { chatId, reader, approvals: await engine.approvals(chatId) }
}

const run = (command: string, id: string, more: object = {}): ScriptedCall => ({
  tool: "execute",
  args: { command, ...more },
  id,
})
const ran = () => engines.workspace.started.map(({ command }) => command)
/** Each comes to its end, once it has been started. */
const end = async (...commands: ReadonlyArray<string>) => {
  for (const command of commands) {
    await engines.workspace.startedTimes(command, 1)
    engines.workspace.end(command)
  }
}
const events = (chatId: string) =>
  engines.query<{ event: string; detail: unknown }>(
    (sql) => sql`select event, detail from chat_transitions where chat_id = ${chatId} order by version`,
  )

describe("a rule about commands", () => {
  it("is proposed with the call that it would let run, and with no other", async () => {
    const { approvals, reader, chatId } = await asked(
      asksCommands,
      run("npm test -- --run a", "a"),
      run("npm test && rm -rf /", "b"),
      run("npm test", "c", { workdir: "/elsewhere" }),
    )
    expect(approvals.map(({ tool_call_id, allow_rule }) => [tool_call_id, allow_rule])).toEqual([
      ["a", allowed],
      ["b", undefined],
      ["c", undefined],
    ])
    engines.provider.script({ items: [{ text: "stopped" }] })
    await engine.interrupt(chatId)
    await reader.activity("waiting")
  })

  it("is not proposed where the deployment asks, and does not help there", async () => {
    await deploymentPolicy(...asksCommands)
    const { approvals, chatId, reader } = await asked([], run("npm test", "a"))
    expect(approvals).toMatchObject([{ tool_call_id: "a" }])
    expect(approvals[0]).not.toHaveProperty("allow_rule")
    await engine.patch(chatId, { tool_policy: [allowed] })
    expect(await engine.approvals(chatId)).toHaveLength(1)
    expect((await engine.row(chatId)).activity).toBe("requires_action.approval")
    engines.provider.script({ items: [{ text: "stopped" }] })
    await engine.interrupt(chatId)
    await reader.activity("waiting")
    expect(ran()).not.toContain("npm test")
  })

  it("lets every waiting call run that it matches, and the calls to come, until it is taken away", async () => {
    const { chatId, reader } = await asked(
      asksCommands,
      run("npm test -- one", "a"),
      run("ls", "b"),
      run("npm test -- two", "c"),
    )
    const news = reader.view.events.length
    await engine.patch(chatId, { tool_policy: [allowed, ...asksCommands] })
    const left = await engine.approvals(chatId)
    expect(left.map(({ tool_call_id }) => tool_call_id)).toEqual(["b"])
    await reader.until((view) => view.events.slice(news).some((event) => event.type === "approval_required"))
    const told = reader.view.events.slice(news).filter((event) => event.type === "approval_required")
    expect(told.map((event) => event.approval_required.approvals)).toEqual([left])
    expect(ran()).not.toContain("npm test -- one")

    engines.provider.script({ items: [{ calls: [run("npm test -- three", "d")] }] }, { items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: left[0]?.id ?? "", decision: "deny" }])
    await end("npm test -- one", "npm test -- two", "npm test -- three")
    await reader.until(({ lines }) => lines.includes("assistant: done"))
    expect(
      ran()
        .filter((command) => command.startsWith("npm test -- "))
        .toSorted(),
    ).toEqual(["npm test -- one", "npm test -- three", "npm test -- two"])
    expect((await events(chatId)).filter(({ event }) => event === "SetToolPolicy")).toMatchObject([
      { detail: { rules: 2, undecided: 1 } },
    ])

    await engine.patch(chatId, { tool_policy: asksCommands })
    engines.provider.script({ items: [{ calls: [run("npm test -- four", "e")] }] })
    await engine.send(chatId, "again")
    await reader.activity("requires_action.approval")
    expect(ran()).not.toContain("npm test -- four")
    // With the last call that waits the step goes on, as with a decision.
    engines.provider.script({ items: [{ text: "all done" }] })
    await engine.patch(chatId, { tool_policy: [allowed, ...asksCommands] }, "once")
    await end("npm test -- four")
    await reader.until(({ lines }) => lines.includes("assistant: all done"))
    await engine.patch(chatId, { tool_policy: [allowed, ...asksCommands] }, "once")
    expect((await events(chatId)).filter(({ event }) => event === "SetToolPolicy")).toHaveLength(3)
    expect(ran()).toContain("npm test -- four")
  })

  it("that forbids denies what waits, and says by which rules", async () => {
    const { chatId, reader } = await asked(asksCommands, run("git push", "a"))
    engines.provider.script({ items: [{ text: "understood" }] })
    const forbids = { pattern: "execute", args: { command_prefix: ["git", "push"] }, action: "deny" } as const
    await engine.patch(chatId, { tool_policy: [forbids, ...asksCommands] })
    const view = await reader.activity("waiting")
    expect(results(view)).toMatchObject([{ tool_call_id: "a", is_error: true, result: { denied: true } }])
    expect(JSON.stringify(results(view))).toContain("this chat does not allow execute")
  })

  it("is still there after a crash, and so is what is proposed", async () => {
    const { chatId, reader, approvals } = await asked(asksCommands, run("npm test -- crash", "a"))
    await reader.close()
    await engine.crash()
    engine = await engines.start()
    expect(await engine.approvals(chatId)).toEqual(approvals)
    const again = follow(engine, chatId)
    await again.until((view) => view.events.some((event) => event.type === "approval_required"))
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.patch(chatId, { title: "crashed", plan_mode: "plan", tool_policy: [allowed, ...asksCommands] }, "all")
    await end("npm test -- crash")
    await again.activity("waiting")
    expect(await engine.row(chatId)).toMatchObject({ title: "crashed", plan_mode: true })
    expect(ran()).toContain("npm test -- crash")
    expect(await engine.run(Effect.flatMap(Approvals, (own) => own.rules(engine.caller, chatId)))).toEqual([
      allowed,
      ...asksCommands,
    ])
  })
})
