import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { ChatError } from "../../src/contract/chat-error.ts"
import type { ToolResultPart } from "../../src/contract/parts.ts"
import type { ChatReader } from "../support/chat-reader.ts"
import { Client, textOf } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import type { ScriptedCall, Step } from "../support/scripted-provider/script.ts"
import { useServerProcess } from "../support/server-process.ts"

/** Providers and tools that do what they should not, as a reader of the chat sees it. The chat always goes on. */

const server = useServerProcess({
  TROUPE_RETRY_BASE_MS: "20",
  TROUPE_RETRY_CAP_MS: "50",
  TROUPE_STREAM_SILENCE_MS: "3000",
})
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())
afterEach(() => {
  const { left } = provider
  provider.reset()
  expect(left).toBe(0)
  expect(provider.refusals).toEqual([])
})

const toolResults = (reader: ChatReader): ReadonlyArray<ToolResultPart> =>
  [...reader.messages.values()].flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))

const fieldOf = (part: ToolResultPart | undefined, name: string): unknown =>
  Object.entries(part?.result ?? {}).find(([key]) => key === name)?.[1]

const assistantTexts = (reader: ChatReader): ReadonlyArray<string> =>
  [...reader.messages.values()].filter(({ role }) => role === "assistant").map(textOf)

/** What a person must never be shown. */
const expectPlain = (value: unknown) => {
  const text = JSON.stringify(value)
  expect(text).not.toMatch(/\[object|\\n\s+at |undefined|scripted-key/)
}

/** Sends a message and sees it answered. */
const expectGoesOn = async (chatId: string, reader: ChatReader) => {
  const before = reader.messages.size
  provider.script({ items: [{ text: "Here again." }] })
  await client.send(chatId, "And now?")
  await reader.untilAnswered(before + 2)
  expect(textOf(reader.lastMessage)).toBe("Here again.")
  await reader.close()
}

describe("a provider", () => {
  const partial: Step = { items: [{ text: "Half a sen" }, { cut: "reset" }] }

  it.each<[string, Step, Partial<ChatError>]>([
    [
      "that refuses the key (401)",
      { status: 401, message: "Incorrect API key provided." },
      { kind: "auth", status_code: 401, retryable: false },
    ],
    [
      "that has no such model (404)",
      { status: 404, message: "No model named scripted." },
      { status_code: 404, retryable: false },
    ],
    [
      "that refuses the request (400)",
      { status: 400, message: "This will not do." },
      { status_code: 400, retryable: false },
    ],
    [
      "that answers with a web page",
      { document: "<html>Log in</html>", contentType: "text/html" },
      { kind: "config", retryable: false },
    ],
    [
      "that sends garbage",
      { items: [{ raw: "data: {broken\n\n" }, { cut: "end" }] },
      { kind: "generic", retryable: false },
    ],
  ])("%s ends the turn in an error at once", async (_, step, error) => {
    provider.script(step)
    const { id } = await client.createChat("Hello")
    const reader = await client.stream(id)
    await reader.until((seen) => seen.status === "error" && seen.error !== undefined)
    expect(reader.error).toMatchObject({ ...error, message: expect.stringMatching(/^[A-Z].+\.$/) })
    expect(reader.retry).toBeUndefined()
    expectPlain(reader.error)
    expect((await client.chat(id)).last_error).toEqual(reader.error)
    await expectGoesOn(id, reader)
    expect((await client.chat(id)).last_error).toBeUndefined()
  })

  it.each<[string, Step, object]>([
    ["500", { status: 500, message: "Oh." }, { status_code: 500 }],
    ["503", { status: 503, message: "Not now." }, { status_code: 503 }],
    ["429", { status: 429, message: "Slow down." }, { status_code: 429, kind: "rate_limit" }],
    ["half a stream", partial, {}],
    ["a stream that just ends", { items: [{ text: "Half a sen" }, { cut: "end" }] }, {}],
    ["headers and then nothing", { items: [{ silence: true }] }, {}],
    ["no answer at all", { silence: true }, {}],
    ["an empty reply", { items: [] }, {}],
  ])("%s is shown as a retry and tried again", async (_, step, retry) => {
    // The reader is there before the turn begins: the retry is soon over.
    provider.script({ items: [{ text: "Hi." }] }, step, { items: [{ text: "At last." }] })
    const { id } = await client.createChat("Hello")
    const reader = await client.stream(id)
    await reader.untilAnswered(2)
    await client.send(id, "And?")
    await reader.untilAnswered(4)
    expect(reader.retry).toMatchObject({ attempt: 1, ...retry, error: expect.stringMatching(/^[A-Z].+\.$/) })
    expectPlain(reader.retry)
    // What the failed attempt had shown is no message, and not in the one that came of the next.
    expect(assistantTexts(reader)).toEqual(["Hi.", "At last."])
    const { attempts } = await client.attempts(id)
    expect(attempts).toMatchObject([{ attempt: 1, reason: "retry" }])
    await expectGoesOn(id, reader)
  })

  it("that says when to come back (429 with Retry-After) is waited for", async () => {
    provider.script({ items: [{ text: "Hi." }] })
    const { id } = await client.createChat("Hello")
    const reader = await client.stream(id)
    await reader.untilAnswered(2)
    provider.script({ status: 429, headers: { "retry-after": "1" } }, { items: [{ text: "At last." }] })
    const begun = provider.requests.length
    const since = performance.now()
    await client.send(id, "And?")
    await provider.requestArrived(begun + 2)
    expect(performance.now() - since).toBeGreaterThan(990)
    await reader.untilAnswered(4)
    expect(reader.retry).toMatchObject({ delay_ms: 1000, kind: "rate_limit" })
    await expectGoesOn(id, reader)
  })

  it("that breaks off after some words leaves them as an attempt, folded away", async () => {
    provider.script(partial, { items: [{ text: "A whole sentence." }] })
    const { id } = await client.createChat("Hello")
    const reader = await client.stream(id)
    await reader.untilAnswered(2)
    const { attempts } = await client.attempts(id)
    expect(attempts).toMatchObject([{ attempt: 1, reason: "retry", content: [{ type: "text", text: "Half a sen" }] }])
    await expectGoesOn(id, reader)
  })

  it("that is empty again and again ends the turn in an error", async () => {
    const empty: Step = { items: [] }
    provider.script(empty, empty, empty)
    const { id } = await client.createChat("Hello")
    const reader = await client.stream(id)
    await reader.until((seen) => seen.status === "error")
    expect(reader.error?.message).toContain("without saying anything")
    await expectGoesOn(id, reader)
  })
})

describe("a tool call", () => {
  /** One step with these calls, then an answer; the results as the model and the reader get them. */
  const runCalls = async (...calls: ReadonlyArray<ScriptedCall>) => {
    provider.script({ items: [{ calls }] }, { items: [{ text: "I see." }] })
    const { id } = await client.createChat("Do it")
    const reader = await client.stream(id)
    await reader.until((seen) => seen.status === "error" || (seen.status === "waiting" && seen.messages.size > 1))
    expect(reader.error).toBeUndefined()
    expect(textOf(reader.lastMessage)).toBe("I see.")
    return { id, reader, results: toolResults(reader) }
  }

  it.each<[string, ScriptedCall, RegExp]>([
    ["with broken JSON", { tool: "execute", args: '{"command": "ls' }, /not valid JSON/],
    ["of an unknown tool", { tool: "launch_rocket", args: {} }, /no tool named launch_rocket/],
    ["without an argument it needs", { tool: "execute", args: {} }, /command/],
    ["with an argument of another type", { tool: "read_file", args: { path: 7 } }, /path/],
    ["for a file that is not there", { tool: "read_file", args: { path: "missing.txt" } }, /missing\.txt/],
    ["for a path outside the workspace", { tool: "read_file", args: { path: "../../../postgres" } }, /workspace/i],
    ["that would write outside", { tool: "write_file", args: { path: "/etc/troupe", content: "x" } }, /workspace/i],
    ["for a process that never was", { tool: "process_output", args: { process_id: "no-such" } }, /no-such|process/],
  ])("%s is answered with an error that the model can read", async (_, call, error) => {
    const { id, reader, results } = await runCalls(call)
    expect(results).toMatchObject([{ tool_name: call.tool, is_error: true }])
    expect(JSON.stringify(results[0]?.result)).toMatch(error)
    expectPlain(results)
    await expectGoesOn(id, reader)
  })

  it("that fails does not keep the ones beside it from their results, in call order", async () => {
    const { id, reader, results } = await runCalls(
      { tool: "execute", args: { command: "sleep 0.3; echo first" } },
      { tool: "launch_rocket", args: {} },
      { tool: "execute", args: { command: "exit 3" } },
    )
    expect(results.map(({ tool_name, is_error }) => [tool_name, is_error])).toEqual([
      ["execute", false],
      ["launch_rocket", true],
      ["execute", false],
    ])
    expect(results[0]?.result).toMatchObject({ success: true, output: "first\n" })
    expect(results[2]?.result).toMatchObject({ success: false, exit_code: 3 })
    await expectGoesOn(id, reader)
  })

  it("to a process that does not end times out, leaves it running, and can be taken up again", async () => {
    const { id, reader, results } = await runCalls({
      tool: "execute",
      args: { command: "echo begun; while [ ! -e go ]; do sleep 0.02; done; echo over", timeout: "500ms" },
    })
    const [timedOut] = results
    expect(timedOut?.result).toMatchObject({
      success: false,
      exit_code: -1,
      output: "begun\n",
      error: expect.stringContaining("did not end within 500ms"),
    })
    const processId = fieldOf(timedOut, "background_process_id")
    provider.script(
      { items: [{ calls: [{ tool: "execute", args: { command: "touch go" } }] }] },
      { items: [{ calls: [{ tool: "process_output", args: { process_id: processId, wait_timeout: "20s" } }] }] },
      { items: [{ text: "It is over." }] },
    )
    await client.send(id, "Let it end")
    await reader.until((seen) => seen.status === "waiting" && textOf(seen.lastMessage) === "It is over.")
    expect(toolResults(reader).at(-1)?.result).toMatchObject({ success: true, exit_code: 0, output: "begun\nover\n" })
    await expectGoesOn(id, reader)
  })

  it("that is interrupted ends the process and the turn", async () => {
    provider.script({
      items: [{ calls: [{ tool: "execute", args: { command: "sleep 600", timeout: "1h" } }] }],
    })
    const { id } = await client.createChat("Wait")
    const reader = await client.stream(id)
    await reader.until((seen) => seen.activity === "running.executing")
    await client.interrupt(id)
    await reader.until((seen) => seen.status === "waiting")
    expect(toolResults(reader)).toMatchObject([{ tool_name: "execute", is_error: true }])
    await expectGoesOn(id, reader)
  })

  it("that prints gigabytes keeps the beginning and the end, and the server small", async () => {
    const before = server.run.pssBytes()
    const { id, reader, results } = await runCalls({
      tool: "execute",
      args: { command: "echo the beginning; yes | head -c 2000000000; echo the end", timeout: "1m" },
    })
    expect(results).toMatchObject([{ is_error: false, result: { success: true, exit_code: 0 } }])
    const output = String(fieldOf(results[0], "output"))
    expect(output.length).toBeLessThan(100_000)
    expect(output.startsWith("the beginning\n")).toBe(true)
    expect(output.endsWith("the end\n")).toBe(true)
    expect(fieldOf(results[0], "truncated")).toMatchObject({ omitted_bytes: expect.any(Number) })
    expect(server.run.pssBytes() - before).toBeLessThan(64 * 1024 * 1024)
    await expectGoesOn(id, reader)
  })
})

it("has written no failure of its own into the log", () => {
  expect(server.run.stderr).not.toMatch(/"level":50/)
})
