import { expect } from "vitest"
import type { StagedChat } from "../staged-chat.ts"
import { type CrashPoint, askAgain, interrupt, twice } from "./crash-point.ts"

/** In a step that calls tools: ours, the client's, and those that a person is asked about. */

const inWorkspace = (chat: StagedChat) => chat.create({ workspace_id: chat.stage.workspaceId })
const runsTool = (chat: StagedChat) => [chat.to(chat.title, chat.command()), chat.afterTool()]
const ranTool = (chat: StagedChat) => [
  `user: ${chat.title}`,
  "assistant: <execute>",
  "tool: <execute done>",
  "assistant: It is done.",
]
const ranOnce = async (chat: StagedChat) => {
  expect([chat.title, await chat.read("runs")]).toEqual([chat.title, "run\n"])
}

const writes = (chat: StagedChat) => [
  chat.to(chat.title, { calls: [{ tool: "write_file", args: { path: chat.file("text"), content: "ours" } }] }),
  chat.afterTool(),
]
const wrote = (chat: StagedChat) => [
  `user: ${chat.title}`,
  "assistant: <write_file>",
  "tool: <write_file done>",
  "assistant: It is done.",
]
/** Written over by somebody else while no server runs: a repeated write would show. */
const writeOver = async (chat: StagedChat) => {
  expect([chat.title, await chat.read("text")]).toEqual([chat.title, "ours"])
  await chat.write("text", "theirs")
}
const wroteOnce = async (chat: StagedChat) => {
  expect([chat.title, await chat.read("text")]).toEqual([chat.title, "theirs"])
}

const asksClient = (chat: StagedChat) => [
  chat.to(chat.title, { calls: [{ tool: "ask_user", args: {}, id: `call ${chat.title}` }] }),
  chat.afterTool(),
]
const createWithClientTool = (chat: StagedChat) =>
  chat.create({
    unsafe_dynamic_tools: [{ name: "ask_user", description: "Asks", input_schema: { type: "object", properties: {} } }],
  })
const toolResults = (chat: StagedChat) =>
  [
    "POST",
    `/chats/${chat.id}/tool-results`,
    { results: [{ tool_call_id: `call ${chat.title}`, output: "yes" }] },
  ] as const
const askedClient = (chat: StagedChat) => [
  `user: ${chat.title}`,
  "assistant: <ask_user>",
  "tool: <ask_user done>",
  "assistant: It is done.",
]
const answerAsClient = async (chat: StagedChat) => {
  await chat.is("requires_action.client_tools")
  await chat.ask(...toolResults(chat))
}

const createWithApproval = (chat: StagedChat) =>
  chat.create({ workspace_id: chat.stage.workspaceId, tool_policy: [{ pattern: "execute", action: "ask" }] })
const approval = async (chat: StagedChat) => {
  await chat.is("requires_action.approval")
  const { body } = await chat.stage.client.call("GET", `/chats/${chat.id}/approvals`)
  const { approvals } = body as { readonly approvals: ReadonlyArray<{ readonly id: string }> }
  const decisions = approvals.map(({ id }) => ({ id, decision: "approve" }))
  return ["POST", `/chats/${chat.id}/approvals`, { decisions }] as const
}
const approve = async (chat: StagedChat) => {
  await chat.ask(...(await approval(chat)))
}

export const toolPoints: ReadonlyArray<CrashPoint> = [
  {
    name: "RecordToolCalls",
    holds: "RecordToolCalls",
    model: runsTool,
    reach: inWorkspace,
    lines: ranTool,
    effects: ranOnce,
  },
  { name: "tool start", holds: "started", model: runsTool, reach: inWorkspace, lines: ranTool, effects: ranOnce },
  { name: "tool end", holds: "done", model: runsTool, reach: inWorkspace, lines: ranTool, effects: ranOnce },
  {
    name: "write end",
    holds: "done",
    model: writes,
    reach: inWorkspace,
    between: writeOver,
    lines: wrote,
    effects: wroteOnce,
  },
  { name: "CommitStep", holds: "CommitStep", model: runsTool, reach: inWorkspace, lines: ranTool, effects: ranOnce },
  {
    name: "Steer",
    holds: "Steer",
    model: (chat) => [
      chat.to(chat.title, chat.longCommand()),
      ...chat.echoes(`${chat.title} steers`),
      chat.afterTool(),
    ],
    prepare: async (chat) => {
      await inWorkspace(chat)
      await chat.runs()
      await chat.ask("POST", chat.messages, chat.message(`${chat.title} steers`, "steer"))
    },
    reach: (chat) => chat.write("go", ""),
    lines: (chat) => [...ranTool(chat).slice(0, 3), ...twice(chat, `${chat.title} steers`)],
    effects: ranOnce,
  },
  {
    name: "EnterRequiresAction",
    holds: "EnterRequiresAction",
    model: asksClient,
    reach: createWithClientTool,
    resume: answerAsClient,
    lines: askedClient,
  },
  {
    name: "CompleteRequiresAction",
    holds: "CompleteRequiresAction",
    model: asksClient,
    prepare: async (chat) => {
      await createWithClientTool(chat)
      await chat.is("requires_action.client_tools")
    },
    reach: (chat) => chat.askInVain(...toolResults(chat)),
    resume: askAgain,
    lines: askedClient,
  },
  {
    name: "RequireApproval",
    holds: "RequireApproval",
    model: runsTool,
    reach: createWithApproval,
    resume: approve,
    lines: ranTool,
    effects: ranOnce,
  },
  {
    name: "DecideApproval",
    holds: "DecideApproval",
    model: runsTool,
    prepare: async (chat) => {
      await createWithApproval(chat)
      await chat.is("requires_action.approval")
    },
    reach: async (chat) => chat.askInVain(...(await approval(chat))),
    resume: askAgain,
    lines: ranTool,
    effects: ranOnce,
  },
  {
    name: "SetToolPolicy",
    holds: "SetToolPolicy",
    model: runsTool,
    prepare: async (chat) => {
      await createWithApproval(chat)
      await chat.is("requires_action.approval")
    },
    reach: (chat) => chat.askInVain("PATCH", `/chats/${chat.id}`, { tool_policy: [] }),
    resume: askAgain,
    lines: ranTool,
    effects: ranOnce,
  },
  {
    name: "while a tool runs",
    model: (chat) => [chat.to(chat.title, chat.longCommand()), chat.afterTool()],
    prepare: async (chat) => {
      await inWorkspace(chat)
      await chat.runs()
    },
    resume: (chat) => chat.write("go", ""),
    lines: ranTool,
    effects: ranOnce,
  },
  {
    name: "FinishInterruption of a tool",
    holds: "FinishInterruption",
    model: (chat) => [chat.to(chat.title, chat.longCommand())],
    prepare: async (chat) => {
      await inWorkspace(chat)
      await chat.runs()
    },
    reach: async (chat) => {
      await chat.ask(...interrupt(chat))
    },
    lines: (chat) => [`user: ${chat.title}`, "assistant: <execute>", "tool: <execute failed>"],
    effects: ranOnce,
  },
  {
    name: "awaiting the client",
    model: asksClient,
    prepare: async (chat) => {
      await createWithClientTool(chat)
      await chat.is("requires_action.client_tools")
    },
    resume: answerAsClient,
    lines: askedClient,
  },
  {
    name: "awaiting an approval",
    model: runsTool,
    prepare: async (chat) => {
      await createWithApproval(chat)
      await chat.is("requires_action.approval")
    },
    resume: approve,
    lines: ranTool,
    effects: ranOnce,
  },
]
