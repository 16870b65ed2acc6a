import { openGate } from "../../test/support/scripted-provider.ts"
import type { ScriptedCall, Step } from "../../test/support/scripted-provider/script.ts"
import type { Body, NewChat, Stage } from "./stage.ts"

/** Chats in every state of the machine, each by the name that its first message and a label carry. */

type Make = (stage: Stage, name: string) => Promise<unknown>

const calls = (...list: ReadonlyArray<ScriptedCall>): Step => ({ items: [{ text: "I look." }, { calls: list }] })
const command = (text: string): ScriptedCall => ({ tool: "execute", args: { command: text, timeout: "600s" } })
const lookUp = (what: string): ScriptedCall => ({ tool: "look_up", args: { what } })
const ownTools: Body = {
  unsafe_dynamic_tools: [
    { name: "look_up", description: "Looks a word up.", input_schema: { type: "object", properties: { what: {} } } },
  ],
}
const asks: Body = { tool_policy: [{ pattern: "execute", action: "ask" }] }
const limited = (seconds: number): Step => ({ status: 429, headers: { "retry-after": String(seconds) } })
const silent: Step = { items: [{ silence: true }] }
const held = (state: string): NewChat => ({ labels: { hold: state } })

const askingClient = async (stage: Stage, name: string) => {
  stage.script(name, calls(lookUp("one"), lookUp("two")))
  const id = await stage.create(name, ownTools)
  await stage.until(id, "requires_action.client_tools")
  return id
}

const answerClient = async (stage: Stage, id: string) => {
  const pending = Object((await stage.call("GET", `/chats/${id}/machine`))["pending_calls"])
  const results = pending.map((call: Body) => ({ tool_call_id: call["tool_call_id"], output: "found" }))
  await stage.call("POST", `/chats/${id}/tool-results`, { results })
}

const askingPerson = async (stage: Stage, name: string, ...commands: ReadonlyArray<string>) => {
  stage.script(name, calls(...commands.map(command)))
  const id = await stage.create(name, asks)
  await stage.until(id, "requires_action.approval")
  return id
}

const decide = async (stage: Stage, id: string, decision: string, count?: number) => {
  const approvals = Object((await stage.call("GET", `/chats/${id}/approvals`))["approvals"])
  const decisions = approvals.slice(0, count).map((approval: Body) => ({ id: approval["id"], decision }))
  await stage.call("POST", `/chats/${id}/approvals`, { decisions })
}

const running = async (stage: Stage, name: string, text: string) => {
  stage.script(name, calls(command(text)))
  const id = await stage.create(name)
  await stage.callsIn(id, "started")
  return id
}

const compacting = async (stage: Stage, name: string) => {
  const id = await stage.answered(name)
  stage.script(name, silent)
  await stage.call("POST", `/chats/${id}/compact`)
  await stage.until(id, "running.compacting")
  return id
}

const backingOff = async (stage: Stage, name: string, seconds: number) => {
  stage.script(name, limited(seconds))
  const id = await stage.create(name)
  await stage.until(id, "running.backing_off")
  return id
}

/** Made while every chat gets a slot. */
export const chatsWithSlots: Readonly<Record<string, Make>> = {
  // First, because its wait has to be over while nobody gets a slot.
  "pending-yielded": (stage, name) => backingOff(stage, name, 30),

  "waiting-answered": (stage, name) => stage.answered(name),
  "waiting-long": async (stage, name) => {
    const id = await stage.answered(name)
    for (let turn = 2; turn <= 40; turn += 1) {
      stage.script(name, { items: [{ text: `Answer ${turn}.` }] })
      await stage.send(id, `Turn ${turn}`)
      await stage.until(id, "waiting")
    }
  },
  "waiting-client-tools": async (stage, name) => {
    const id = await askingClient(stage, name)
    stage.script(name, { items: [{ text: "Both found." }] })
    await answerClient(stage, id)
    await stage.until(id, "waiting")
  },
  "waiting-command": async (stage, name) => {
    stage.script(name, calls(command("echo hello")), { items: [{ text: "It says hello." }] })
    await stage.until(await stage.create(name), "waiting")
  },
  "waiting-compacted": async (stage, name) => {
    const id = await stage.answered(name)
    stage.script(name, { items: [{ text: `A summary of [${name}].` }] }, { items: [{ text: "I remember." }] })
    await stage.call("POST", `/chats/${id}/compact`)
    await stage.until(id, "waiting")
    await stage.send(id, "And now?")
    await stage.until(id, "waiting")
  },
  "waiting-cleared": async (stage, name) => {
    const id = await stage.answered(name)
    await stage.call("POST", `/chats/${id}/clear`)
  },
  "waiting-cleared-and-on": async (stage, name) => {
    const id = await stage.answered(name)
    await stage.call("POST", `/chats/${id}/clear`)
    stage.script(name, { items: [{ text: "From the beginning." }] })
    await stage.send(id, `[${name}] Once more.`)
    await stage.until(id, "waiting")
  },
  "waiting-archived": async (stage, name) => {
    const id = await stage.answered(name)
    await stage.call("PATCH", `/chats/${id}`, { archived: true })
  },
  "waiting-plan": (stage, name) => stage.answered(name, { plan_mode: "plan" }),
  "waiting-pinned": async (stage, name) => {
    const id = await stage.answered(name)
    await stage.call("PATCH", `/chats/${id}`, { pin_order: 1 })
  },
  "waiting-labelled": (stage, name) => stage.answered(name, { labels: { team: "core", size: "small" } }),
  "waiting-renamed": async (stage, name) => {
    const id = await stage.answered(name)
    await stage.call("PATCH", `/chats/${id}`, { title: "Another name" })
  },
  "waiting-edited": async (stage, name) => {
    const id = await stage.answered(name)
    const messages = Object((await stage.call("GET", `/chats/${id}/messages`))["messages"])
    const first = messages.find((message: Body) => message["role"] === "user")
    stage.script(name, { items: [{ text: "Answer to other words." }] })
    const content = [{ type: "text", text: `[${name}] Other words.` }]
    await stage.call("PATCH", `/chats/${id}/messages/${first.id}`, { content })
    await stage.until(id, "waiting")
  },
  "waiting-interrupted": async (stage, name) => {
    const id = await stage.generating(name, "Half of an answer")
    await stage.call("POST", `/chats/${id}/interrupt`)
    await stage.until(id, "waiting")
  },
  "waiting-retried": async (stage, name) => {
    stage.script(name, { items: [{ text: "Cut" }, { cut: "reset" }] }, { items: [{ text: "Whole." }] })
    await stage.until(await stage.create(name), "waiting")
  },
  "waiting-reasoned": async (stage, name) => {
    stage.script(name, { items: [{ reasoning: "Let me see." }, { text: "I see." }] })
    await stage.until(await stage.create(name), "waiting")
  },
  "waiting-steered": async (stage, name) => {
    const gate = openGate()
    stage.script(name, { items: [{ text: "One way." }, { gate: gate.wait }] }, { items: [{ text: "Another way." }] })
    const id = await stage.create(name)
    await stage.shown(id, "One way.")
    await stage.send(id, "The other way", { busy_behavior: "steer" })
    gate.open()
    await stage.until(id, "waiting")
  },
  "waiting-denied": async (stage, name) => {
    const id = await askingPerson(stage, name, "echo never")
    stage.script(name, { items: [{ text: "Then not." }] })
    await decide(stage, id, "deny")
    await stage.until(id, "waiting")
  },
  "waiting-receipts": async (stage, name) => {
    stage.script(name, { items: [{ text: "Once." }] }, { items: [{ text: "Twice." }] })
    const id = await stage.create(name, {}, { "idempotency-key": "create-1" })
    await stage.until(id, "waiting")
    await stage.send(id, "With a key", {}, { "idempotency-key": "send-1" })
    await stage.until(id, "waiting")
  },

  "error-bare": async (stage, name) => {
    stage.script(name, { status: 403, message: "Not for you." })
    await stage.until(await stage.create(name), "error")
  },
  "error-backlog": async (stage, name) => {
    const gate = openGate()
    stage.script(name, { status: 403, message: "Not for you.", after: gate.wait })
    const id = await stage.create(name)
    await stage.until(id, "running.generating")
    await stage.queue(id, 2)
    await stage.send(id, "Steer", { busy_behavior: "steer" })
    gate.open()
    await stage.until(id, "error")
  },
  "error-archived": async (stage, name) => {
    stage.script(name, { status: 403, message: "Not for you." })
    const id = await stage.create(name)
    await stage.until(id, "error")
    await stage.call("PATCH", `/chats/${id}`, { archived: true })
  },

  "generating-silent": async (stage, name) => {
    stage.script(name, silent)
    await stage.until(await stage.create(name), "running.generating")
  },
  "generating-shown": (stage, name) => stage.generating(name, "Shown and not ended"),
  "generating-reasoning": async (stage, name) => {
    stage.script(name, { items: [{ reasoning: "Thought and not said" }, { silence: true }] })
    await stage.shown(await stage.create(name), "Thought and not said")
  },
  "generating-second-attempt": async (stage, name) => {
    stage.script(
      name,
      { items: [{ text: "First try" }, { cut: "reset" }] },
      { items: [{ text: "Second try" }, { silence: true }] },
    )
    await stage.shown(await stage.create(name), "Second try")
  },
  "generating-queue-3": async (stage, name) => stage.queue(await stage.generating(name, "Busy"), 3),
  "generating-queue-20": async (stage, name) => stage.queue(await stage.generating(name, "Busy"), 20),
  "generating-steer": async (stage, name) => {
    const id = await stage.generating(name, "Busy")
    await stage.queue(id, 1)
    await stage.queue(id, 2, { busy_behavior: "steer" })
  },
  "generating-plan": (stage, name) => stage.generating(name, "A plan", { plan_mode: "plan" }),
  "generating-second-step": async (stage, name) => {
    const id = await askingClient(stage, name)
    stage.script(name, { items: [{ text: "Both were" }, { silence: true }] })
    await answerClient(stage, id)
    await stage.shown(id, "Both were")
  },

  "executing-planned": async (stage, name) => {
    stage.script(name, calls(command("echo never")))
    await stage.until(await stage.create(name, held("planned")), "running.executing")
  },
  "executing-started": (stage, name) => running(stage, name, "sleep 600"),
  "executing-some-done": async (stage, name) => {
    stage.script(name, calls(command("echo first"), command("sleep 600")))
    const id = await stage.create(name)
    await stage.callsIn(id, "done")
    await stage.callsIn(id, "started")
  },
  "executing-all-done": async (stage, name) => {
    stage.script(name, calls(command("echo done")))
    await stage.callsIn(await stage.create(name, held("running.executing")), "done")
  },
  "executing-queue": async (stage, name) => {
    const id = await running(stage, name, "sleep 600")
    await stage.queue(id, 2)
    await stage.send(id, "Steer", { busy_behavior: "steer" })
  },

  compacting,
  "compacting-queue": async (stage, name) => stage.queue(await compacting(stage, name), 2),

  "backing-off": (stage, name) => backingOff(stage, name, 600),
  "backing-off-queue": async (stage, name) => stage.queue(await backingOff(stage, name, 600), 2),

  interrupting: async (stage, name) => {
    const id = await stage.generating(name, "Stopped here", held("running.interrupting"))
    await stage.call("POST", `/chats/${id}/interrupt`)
    await stage.until(id, "running.interrupting")
  },
  "interrupting-queue": async (stage, name) => {
    const id = await stage.generating(name, "Stopped here", held("running.interrupting"))
    await stage.queue(id, 2)
    await stage.call("POST", `/chats/${id}/interrupt`)
    await stage.until(id, "running.interrupting")
  },

  "pending-granted": async (stage, name) => {
    const id = await stage.create(name, held("pending"))
    await stage.found("select 1 from chats where id = $1 and admitted_at is not null", [id])
  },

  "client-tools": askingClient,
  "client-tools-expired": askingClient,
  "client-tools-queue": async (stage, name) => stage.queue(await askingClient(stage, name), 2),
  approval: (stage, name) => askingPerson(stage, name, "echo approved"),
  "approval-half-decided": async (stage, name) => {
    const id = await askingPerson(stage, name, "echo first", "echo second")
    await decide(stage, id, "deny", 1)
  },
  "approval-queue": async (stage, name) => stage.queue(await askingPerson(stage, name, "echo approved"), 2),
}

/** Made while nobody gets a slot. */
export const chatsWithoutSlots: Readonly<Record<string, Make>> = {
  pending: (stage, name) => stage.create(name),
  "pending-queue-1": async (stage, name) => stage.queue(await stage.create(name), 1),
  "pending-queue-20": async (stage, name) => stage.queue(await stage.create(name), 20),
  "pending-steer": async (stage, name) => {
    const id = await stage.create(name)
    await stage.queue(id, 1)
    await stage.send(id, "Steer", { busy_behavior: "steer" })
  },
  "pending-plan": (stage, name) => stage.create(name, { plan_mode: "plan" }),
}

/** Turned to once nobody gets a slot; `chatsWithSlots` made their beginning under the same name. */
export const endedWithoutSlots: Readonly<
  Record<string, { readonly begin: Make; readonly end: (stage: Stage, id: string) => Promise<unknown> }>
> = {
  "pending-resumes-execute": {
    begin: (stage, name) => askingPerson(stage, name, "echo approved"),
    end: (stage, id) => decide(stage, id, "approve"),
  },
  "pending-resumes-generate": { begin: askingClient, end: answerClient },
  "pending-resumes-compact": {
    begin: (stage, name) => stage.answered(name),
    end: (stage, id) => stage.call("POST", `/chats/${id}/compact`),
  },
  "pending-second-turn": {
    begin: (stage, name) => stage.answered(name),
    end: (stage, id) => stage.send(id, "Once more"),
  },
}
