import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Exit, Fiber } from "effect"
import express from "express"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { GenerateRequest, GenerateResult, PromptMessage, StreamEvent, ToolDefinition } from "../provider.ts"
import { Providers } from "../registry.ts"
import { simulatorRouter } from "./router.ts"
import { scriptFor } from "./script.ts"

const KEY = "simulator-test-key"
let server: Server
let baseUrl: string

beforeAll(async () => {
  const app = express()
  app.use("/simulator/v1", simulatorRouter(KEY))
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  baseUrl = `http://127.0.0.1:${port}/simulator/v1`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const tool = (name: string): ToolDefinition => ({ name, description: name, inputSchema: { type: "object" } })

const say = (text: string): PromptMessage => ({ role: "user", parts: [{ type: "text", text }] })

const request = (messages: ReadonlyArray<PromptMessage>, changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  connection: { type: "openai-compat", displayName: "Simulator", baseUrl, apiKey: KEY, headers: {} },
  model: "simulator-fast",
  config: {},
  system: ["You are a coding agent. The plan file is /home/me/.troupe/plans/plan-1.md."],
  messages,
  tools: [tool("execute"), tool("read_file"), tool("write_file"), tool("propose_plan"), tool("spawn_agent")],
  providerTools: [],
  toolChoice: "auto",
  ...changes,
})

const withProviders = <A, E>(use: (providers: Providers["Type"]) => Effect.Effect<A, E>) =>
  Providers.pipe(Effect.flatMap(use), Effect.provide(Providers.layer({ streamSilenceMs: 5_000 })))

const generate = (call: GenerateRequest, events: Array<StreamEvent> = []): Promise<GenerateResult> =>
  Effect.runPromise(withProviders((providers) => providers.generate(call, (event) => events.push(event))))

const failure = (call: GenerateRequest) =>
  Effect.runPromise(withProviders((providers) => Effect.flip(providers.generate(call, () => undefined))))

const textOf = (result: GenerateResult): string =>
  result.parts.map((part) => (part.type === "text" ? part.text : "")).join("")

const callsOf = (result: GenerateResult) =>
  result.parts.flatMap((part) => (part.type === "tool-call" ? [{ name: part.tool_name, args: part.args }] : []))

test("plain text gets an answer that names itself, echoes and lists the commands, word by word", async () => {
  const events: Array<StreamEvent> = []
  const result = await generate(request([say("good morning")]), events)
  expect(textOf(result)).toMatch(/^I am the simulator, a scripted model and not an LLM\. /)
  expect(textOf(result)).toContain("good morning")
  expect(textOf(result)).toContain("/run COMMAND")
  expect(result.finishReason).toBe("stop")
  expect(result.usage.output_tokens).toBeGreaterThan(20)
  expect(events.length).toBeGreaterThan(20)
  expect(events.map((event) => (event.type === "text" ? event.text : "")).join("")).toBe(textOf(result))
})

test.each([
  ["/run echo hello > a.txt && cat a.txt", "execute", { command: "echo hello > a.txt && cat a.txt" }],
  ["/read /tmp/a b.txt", "read_file", { path: "/tmp/a b.txt" }],
  ["/write a.txt two words", "write_file", { path: "a.txt", content: "two words\n" }],
  ["/plan", "propose_plan", { path: "/home/me/.troupe/plans/plan-1.md" }],
  ["/plan other.md", "propose_plan", { path: "other.md" }],
  ["/spawn explore find the tests", "spawn_agent", { type: "explore", prompt: "find the tests" }],
  ['/tool execute {"command":"ls","timeout":"1m"}', "execute", { command: "ls", timeout: "1m" }],
])("%s calls %s", async (line, name, args) => {
  const result = await generate(request([say(line)]))
  expect(callsOf(result)).toEqual([{ name, args }])
  expect(result.finishReason).toBe("tool-calls")
})

test("several lines are parallel calls with their own ids; their arguments arrive as deltas", async () => {
  const events: Array<StreamEvent> = []
  const result = await generate(request([say("/run printf 'a long enough command to be cut'\n/read b.txt")]), events)
  const calls = result.parts.filter((part) => part.type === "tool-call")
  expect(calls.map((call) => call.tool_name)).toEqual(["execute", "read_file"])
  expect(new Set(calls.map((call) => call.tool_call_id)).size).toBe(2)
  const deltas = events.filter((event) => event.type === "tool-call-delta")
  for (const call of calls) {
    const own = deltas.filter((delta) => delta.id === call.tool_call_id)
    expect(own.length).toBeGreaterThan(1)
    expect(JSON.parse(own.map((delta) => delta.delta).join(""))).toEqual(call.args)
  }
})

test("broken JSON of /tool reaches the reader as it is", async () => {
  const result = await generate(request([say('/tool execute {"command":')]))
  expect(result.parts).toMatchObject([{ type: "tool-call", tool_name: "execute", args_text: '{"command":' }])
  expect(result.parts[0]).not.toHaveProperty("args")
})

/** The lines that an answer lists as commands. */
const listed = (result: GenerateResult) => [...textOf(result).matchAll(/^- (\/[a-z]+)/gm)].map(([, command]) => command)

/** Each command in use, and the tools without which it can do nothing. */
const uses: ReadonlyArray<readonly [line: string, needs: ReadonlyArray<string>]> = [
  ["/run ls", ["execute"]],
  ["/read a.txt", ["read_file"]],
  ["/write a.txt b", ["write_file"]],
  ["/plan", ["propose_plan"]],
  ["/ask Really?", ["ask_user_question"]],
  ["/spawn general look", ["spawn_agent"]],
  ["/tool execute {}", ["execute"]],
  ["/think hm", []],
  ["/slow 2", []],
  ["/error 418", []],
  ["/help", []],
]

test.each([
  ["no tools", []],
  ["the tools of a workspace", ["execute", "read_file", "write_file"]],
  ["all tools", [...new Set(uses.flatMap(([, needs]) => needs))]],
])("with %s, /help lists exactly the commands that work", async (_, names) => {
  const tools = names.map(tool)
  const works = async (line: string): Promise<boolean> => {
    const exit = await Effect.runPromiseExit(
      withProviders((providers) => providers.generate(request([say(line)], { tools }), () => undefined)),
    )
    return Exit.isFailure(exit) || !/is not available|You wrote/.test(textOf(exit.value))
  }
  const working = await Promise.all(uses.map(async ([line]) => ((await works(line)) ? [line.split(" ")[0]] : [])))
  expect(listed(await generate(request([say("/help")], { tools })))).toEqual(working.flat())
  expect(listed(await generate(request([say("good morning")], { tools })))).toEqual(working.flat())
})

test("a model that must not call tools lists no command that calls one", async () => {
  const result = await generate(request([say("/help")], { toolChoice: "none" }))
  expect(listed(result)).toEqual(["/think", "/slow", "/error", "/help"])
})

const nested = (levels: number) => `{"z":${"[".repeat(levels)}${"]".repeat(levels)}}`

test.each([100, 4_000, 200_000])("arguments nested %i levels deep are refused in words", async (levels) => {
  const result = await generate(request([say(`/tool execute ${nested(levels)}`)]))
  expect(callsOf(result)).toEqual([])
  expect(textOf(result)).toContain("The arguments of execute are nested deeper than 100 levels")
})

test("arguments nested less deep are handed on as they are", async () => {
  const [call] = callsOf(await generate(request([say(`/tool execute ${nested(99)}`)])))
  expect(JSON.stringify(call?.args)).toBe(nested(99))
})

test("a result that is nested deeply is quoted as it came", () => {
  const messages = [
    { role: "assistant", tool_calls: [{ id: "c", function: { name: "lookup", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "c", content: nested(50_000) },
  ]
  expect(scriptFor({ model: "simulator", messages })?.reply.text).toContain('lookup answered:\n\n```\n{"z":[[[')
})

test("a tool that is not offered is named in plain text", async () => {
  const result = await generate(request([say("/ask Really?")]))
  expect(callsOf(result)).toEqual([])
  expect(textOf(result)).toContain("The tool ask_user_question is not available")
})

test("after a tool's result it quotes the output", async () => {
  const messages: ReadonlyArray<PromptMessage> = [
    say("/run echo hello"),
    {
      role: "assistant",
      parts: [{ type: "tool-call", tool_call_id: "call_1", tool_name: "execute", args: { command: "echo hello" } }],
    },
    {
      role: "tool",
      parts: [
        {
          type: "tool-result",
          tool_call_id: "call_1",
          tool_name: "execute",
          result: { success: true, output: "hello\n", exit_code: 0 },
        },
      ],
    },
  ]
  const result = await generate(request(messages))
  expect(textOf(result)).toBe("execute answered:\n\n```\nhello\n```")
  expect(result.finishReason).toBe("stop")
})

test("/think streams reasoning before text", async () => {
  const events: Array<StreamEvent> = []
  const result = await generate(request([say("/think about the plan")]), events)
  expect(result.parts.map((part) => part.type)).toEqual(["reasoning", "text"])
  expect(result.parts[0]).toMatchObject({ text: "about the plan", provider_metadata: expect.anything() })
  expect(events[0]).toEqual({ type: "reasoning", text: "about" })
})

test.each<[string, ReadonlyArray<PromptMessage>]>([
  [
    "a result of short lines",
    [
      say("/run seq 9999"),
      { role: "assistant", parts: [{ type: "tool-call", tool_call_id: "c", tool_name: "execute", args: {} }] },
      {
        role: "tool",
        parts: [
          { type: "tool-result", tool_call_id: "c", tool_name: "execute", result: { output: "1\n".repeat(16_384) } },
        ],
      },
    ],
  ],
  ["long thoughts", [say(`/think ${"word ".repeat(20_000)}`)]],
  ["long arguments", [say(`/write a.txt ${"x".repeat(200_000)}`)]],
])("%s is streamed within two seconds, and still bit by bit", async (_, messages) => {
  const arrivals: Array<number> = []
  const began = performance.now()
  await Effect.runPromise(
    withProviders((providers) =>
      providers.generate(request(messages, { model: "simulator" }), () => arrivals.push(performance.now() - began)),
    ),
  )
  expect(performance.now() - began).toBeLessThan(2_000)
  const moments = new Set(arrivals.map((at) => Math.floor(at / 100)))
  expect(moments.size).toBeGreaterThan(8)
})

test("/slow and the sized models stream numbered words", async () => {
  expect(textOf(await generate(request([say("/slow 3")])))).toBe("w0 w1 w2")
  expect(textOf(await generate(request([say("hi")], { model: "simulator-4-d1" })))).toBe("w0 w1 w2 w3")
})

test("/error fails with the status and Retry-After; with a count it answers afterwards", async () => {
  const always = request([say("/error 429")])
  expect(await failure(always)).toMatchObject({
    kind: "rate_limit",
    retryable: true,
    statusCode: 429,
    retryAfterMs: 1000,
  })
  expect((await failure(always)).kind).toBe("rate_limit")
  const twice = request([say("/error 503 2\nhello")])
  expect((await failure(twice)).kind).toBe("timeout")
  expect((await failure(twice)).kind).toBe("timeout")
  expect(textOf(await generate(twice))).toContain("hello")
})

test("of messages that nobody answered only the last is acted on", () => {
  const content = "/error 400\n/run ls\n\nhello\n/think hm"
  const script = scriptFor({ model: "simulator", messages: [{ role: "user", content }] })
  expect(script?.failure).toBeUndefined()
  expect(script?.reply).toMatchObject({ calls: [], reasoning: "hm" })
})

test("the same request gets the same script", () => {
  const body = {
    model: "simulator",
    messages: [{ role: "user", content: "/run ls\n/think hm\n/error 500 3" }],
    tools: [],
  }
  expect(scriptFor(body)).toEqual(scriptFor(structuredClone(body)))
})

test("an unknown model, a missing key and a foreign key are refused with clear errors", async () => {
  expect(await failure(request([say("hi")], { model: "gpt-9" }))).toMatchObject({ kind: "config", retryable: false })
  const { connection } = request([])
  for (const apiKey of ["", "somebody-else"]) {
    expect(await failure(request([say("hi")], { connection: { ...connection, apiKey } }))).toMatchObject({
      kind: "auth",
    })
  }
})

test("its models are listed with names that say what they are", async () => {
  const models = await Effect.runPromise(withProviders((providers) => providers.listModels(request([]).connection)))
  expect(models[0]).toEqual({ id: "simulator", displayName: "Simulator (scripted, not an LLM)" })
})

test("interrupting a call ends it at once and no event follows", async () => {
  const events: Array<StreamEvent> = []
  const fiber = await new Promise<Fiber.RuntimeFiber<GenerateResult, unknown>>((resolve) => {
    const running = Effect.runFork(
      withProviders((providers) =>
        providers.generate(request([say("/slow 10000 1")]), (event) => {
          events.push(event)
          resolve(running)
        }),
      ),
    )
  })
  const exit = await Effect.runPromise(Fiber.interrupt(fiber))
  expect(Exit.isInterrupted(exit)).toBe(true)
  const seen = events.length
  await new Promise((resolve) => setImmediate(resolve))
  expect(events.length).toBe(seen)
})
