import { Context, Effect, Either, Layer, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { loadedChat } from "../../test/support/loaded-chat.ts"
import type { DynamicTool } from "../contract/chats.ts"
import type { ChatRow } from "../db/chats/rows.ts"
import { readSettings, Settings } from "../settings.ts"
import { WorkspaceError } from "../workspaces/workspace.ts"
import { type ChatBinding, Workspaces } from "../workspaces/workspaces.ts"
import { defineTool, succeeded } from "./define-tool.ts"
import { execute } from "./execute.ts"
import { toolSources } from "./sources.ts"
import type { ServerTool, Tool, ToolContext } from "./tool.ts"
import { stepTools, Toolbox, type ToolSource } from "./toolbox.ts"

const chatWith = (change: Partial<ChatRow> = {}): ChatRow => loadedChat(change).row

const root = chatWith()
const parent = "00000000-0000-4000-8000-00000000aaaa"

const context: ToolContext = {
  chatId: root.id,
  messageId: 1,
  toolCallId: "00000000-0000-4000-8000-00000000bbbb",
  callAgeMs: 5,
  repeat: false,
  stopping: () => "user",
  show: () => undefined,
}

const server = (name: string, facts: Partial<ServerTool> = {}): ServerTool => ({
  runBy: "server",
  name,
  description: `${name} of the server`,
  inputSchema: { type: "object" },
  reads: false,
  replay: "reattach",
  run: () => Effect.succeed({ result: name, isError: false }),
  ...facts,
})

const client = (name: string): Tool => ({ runBy: "client", name, description: "", inputSchema: {} })
const search: Tool = { runBy: "provider", name: "web_search" }

const namesOf = ({ definitions }: ReturnType<typeof stepTools>) => [
  ...definitions.tools.map(({ name }) => name),
  ...definitions.providerTools,
]

/** What is answered to a call: the result of the tool that runs, or why none does. */
const answerOf = (tools: ReturnType<typeof stepTools>, name: string, given: Partial<ToolContext> = {}) =>
  Either.match(tools.executorOf(name), {
    onLeft: (reason): unknown => reason,
    onRight: ({ run }) => Effect.runSync(run({}, { ...context, ...given })).result,
  })

describe("what the mode of a turn may use", () => {
  const tools = [
    server("look", { reads: true }),
    server("change"),
    server("shell", { whileReading: true }),
    server("tend", { reads: true, whileReading: false }),
    client("ask"),
    search,
  ]
  const all = ["look", "change", "shell", "tend", "ask", "web_search"]

  it.each([
    ["a turn of a root chat", {}, all],
    ["a turn of a child", { parent_chat_id: parent }, all.filter((name) => name !== "ask")],
    ["a plan", { turn_plan_mode: true }, ["look", "shell"]],
    ["a child's plan", { turn_plan_mode: true, parent_chat_id: parent }, ["look", "shell"]],
    ["a root chat that explores", { mode: "explore" }, ["look", "shell"]],
    ["a child that explores", { mode: "explore", parent_chat_id: parent }, ["look", "shell", "web_search"]],
    [
      "a plan of a child that explores",
      { mode: "explore", turn_plan_mode: true, parent_chat_id: parent },
      ["look", "shell"],
    ],
    ["a chat that works on a screen", { mode: "computer_use" }, all],
  ] satisfies ReadonlyArray<readonly [string, Partial<ChatRow>, ReadonlyArray<string>]>)(
    "is told and carried out, and nothing else: %s",
    (_, change, expected) => {
      const step = stepTools(tools, chatWith(change))
      expect(namesOf(step)).toEqual(expected)
      const carriedOut = all.filter((name) => Either.isRight(step.executorOf(name)) || step.isForClient(name))
      expect(carriedOut).toEqual(expected.filter((name) => name !== "web_search"))
    },
  )

  it("answers a call of anything else with why", () => {
    const step = stepTools(tools, chatWith({ turn_plan_mode: true }))
    expect(answerOf(step, "look")).toBe("look")
    expect(answerOf(step, "change")).toBe("The tool change is not active in this turn.")
    // Nobody here could run these, whatever the mode.
    for (const name of ["ask", "web_search", "made_up"]) {
      expect(answerOf(step, name)).toBe(`There is no tool named ${name}.`)
    }
  })
})

describe("a name that several sources have", () => {
  it("means the tool of the first, also where that is not active", () => {
    const tools = [server("edit"), client("edit"), client("web_search"), search]
    const normal = stepTools(tools, root)
    expect(namesOf(normal)).toEqual(["edit", "web_search"])
    expect(normal.definitions.tools[0]?.description).toBe("edit of the server")
    expect(normal.isForClient("edit")).toBe(false)
    expect(normal.isForClient("web_search")).toBe(true)
    expect(normal.definitions.providerTools).toEqual([])
    const planning = stepTools(tools, chatWith({ turn_plan_mode: true }))
    expect(answerOf(planning, "edit")).toBe("The tool edit is not active in this turn.")
  })
})

describe("a call that may have acted before", () => {
  it.each(["again", "reattach"] as const)("is run as its tool says: %s", (replay) => {
    const step = stepTools([server("go", { replay })], root)
    expect(answerOf(step, "go", { repeat: true })).toBe("go")
  })

  it("is not run where nobody could tell what it did, and the model is told so", () => {
    const step = stepTools([server("go", { replay: "unknown" })], root)
    expect(answerOf(step, "go")).toBe("go")
    expect(answerOf(step, "go", { repeat: true })).toEqual({
      success: false,
      outcome: "unknown",
      error: expect.stringMatching(/^go was cut off .* not known whether this call took effect/),
    })
  })
})

describe("a description of a call", () => {
  it("is its tool's, and nothing for other tools", () => {
    const step = stepTools([server("go", { describe: () => ({ parsed_commands: [["ls"]] }) }), server("stay")], root)
    expect(step.describe("go", {})).toEqual({ parsed_commands: [["ls"]] })
    expect(step.describe("stay", {})).toEqual({})
    expect(step.describe("made_up", {})).toEqual({})
  })
})

describe("a source", () => {
  class Shelf extends Context.Tag("test/Shelf")<Shelf, ReadonlyArray<string>>() {}

  /** A tool that needs more than its call. */
  const lookup = (name: string) =>
    defineTool({
      name,
      description: "",
      args: Schema.Struct({}),
      reads: true,
      replay: "again",
      run: () => Effect.map(Shelf, (names) => succeeded({ names })),
    })

  it("is made once with services of its own, and asked once for a step", async () => {
    const made: Array<string> = []
    const asked: Array<string> = []
    const shelf = Effect.gen(function* () {
      const names = yield* Shelf
      made.push("shelf")
      const source: ToolSource = (chat) =>
        Effect.sync(() => {
          asked.push(chat.id)
          return ["b", "a"].map(lookup).map(({ run, stop: _, ...tool }) => ({
            ...tool,
            run: (args, call) => Effect.provideService(run(args, call), Shelf, names),
          }))
        })
      return source
    })
    const other = Effect.succeed<ToolSource>(() => Effect.succeed([client("ask")]))
    const layer = Toolbox.layer([shelf, other]).pipe(Layer.provide(Layer.succeed(Shelf, ["left", "right"])))
    const [first, second] = await Effect.runPromise(
      Effect.flatMap(Toolbox, ({ materialise }) => Effect.all([materialise(root), materialise(root)])).pipe(
        Effect.provide(layer),
      ),
    )
    expect(namesOf(first)).toEqual(["b", "a", "ask"])
    expect(answerOf(second, "a")).toEqual({ names: ["left", "right"] })
    expect({ made, asked }).toEqual({ made: ["shelf"], asked: [root.id, root.id] })
  })
})

describe("the sources of the server", () => {
  const settings = Layer.unwrapEffect(Effect.map(readSettings({ TROUPE_DATA_DIR: "/nowhere" }), Settings.layer))
  const dialed: Array<ChatBinding> = []
  const message = "This chat has no workspace."
  const workspaces = Layer.succeed(Workspaces, {
    dial: (chat) =>
      Effect.suspend(() => {
        dialed.push(chat)
        return new WorkspaceError({ operation: "Workspaces.dial", reason: "no_workspace", message })
      }),
    create: () => Effect.dieMessage("no tool makes a workspace yet"),
  })
  const layer = Toolbox.layer(toolSources).pipe(Layer.provide(workspaces), Layer.provide(settings))
  const declared: ReadonlyArray<DynamicTool> = ["zoom", "ask_user"].map((name) => ({ name, input_schema: {} }))
  const namesFor = (change: Partial<ChatRow>) =>
    Effect.runPromise(
      Effect.flatMap(Toolbox, ({ materialise }) => materialise(chatWith(change))).pipe(
        Effect.provide(layer),
        Effect.map(namesOf),
      ),
    )

  // A provider's cache of the prompt holds only while they stay in this order: a new one goes where nothing moves.
  it("tell the model of their tools in this order", async () => {
    expect(await namesFor({ dynamic_tools: declared })).toEqual([
      "read_file",
      "write_file",
      "edit_files",
      "execute",
      "process_output",
      "process_list",
      "process_signal",
      "zoom",
      "ask_user",
      "web_search",
    ])
  })

  it("dial the workspace when the first of a step's calls needs it, and once for them all", async () => {
    const step = await Effect.runPromise(
      Effect.flatMap(Toolbox, ({ materialise }) => materialise(chatWith({ parent_chat_id: parent }))).pipe(
        Effect.provide(layer),
      ),
    )
    expect(dialed).toEqual([])
    const { run } = Either.getOrThrow(step.executorOf("process_list"))
    const answers = await Effect.runPromise(Effect.all([run({}, context), run({}, context)]))
    const none = { success: false, error: message }
    expect(answers.map(({ result }) => result)).toEqual([none, none])
    expect(dialed).toEqual([
      {
        chatId: root.id,
        workspaceId: null,
        ownerId: root.owner_id,
        organizationId: root.organization_id,
        isRoot: false,
      },
    ])
  })

  it("leave these to turns that only look around", async () => {
    const looking = ["read_file", "execute", "process_output"]
    expect(await namesFor({ dynamic_tools: declared, turn_plan_mode: true })).toEqual(looking)
    expect(await namesFor({ dynamic_tools: declared, mode: "explore" })).toEqual(looking)
    expect(await namesFor({ mode: "explore", parent_chat_id: parent })).toEqual([...looking, "web_search"])
  })
})

describe("the command of a call", () => {
  const { stop: _, ...inert } = execute
  const tools = stepTools([{ ...inert, run: () => Effect.die("is not run") }, server("change"), client("shell")], root)
  const commandOf = (args: unknown) => tools.commandOf("execute", args)

  it("is all that it runs, with what only says how long to wait for it", () => {
    expect(commandOf({ command: "npm test" })).toBe("npm test")
    expect(commandOf({ command: " npm test; ls\n", timeout: "5m" })).toBe(" npm test; ls\n")
    expect(commandOf({ command: "npm test", workdir: null, run_in_background: false, timeout: null })).toBe("npm test")
  })

  it.each([
    { command: "npm test", workdir: "/elsewhere" },
    { command: "npm test", workdir: "" },
    { command: "npm test", run_in_background: true },
    { command: ["npm", "test"] },
    { command: " " },
    { command: "npm test", timeout: "soon" },
    {},
    null,
    "npm test",
  ])("is not known where more than the line decides: %j", (args) => {
    expect(commandOf(args)).toBeUndefined()
  })

  it("is not looked for in the arguments of other tools, whatever they are called", () => {
    for (const name of ["change", "shell", "nothing"]) {
      expect(tools.commandOf(name, { command: "npm test" })).toBeUndefined()
    }
  })
})
