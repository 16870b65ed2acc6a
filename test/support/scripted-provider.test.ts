import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { describe, expect, test } from "vitest"
import { refuseChat } from "./scripted-provider/chat.ts"
import { refuseGoogle } from "./scripted-provider/google.ts"
import { refuseMessages } from "./scripted-provider/messages.ts"
import { refuseResponses } from "./scripted-provider/responses.ts"
import { refuseBedrock } from "./scripted-provider/routes.ts"
import { isSaid } from "./scripted-provider/asked.ts"
import { Issued, type RecordedRequest } from "./scripted-provider/script.ts"

/** The scripted provider is only worth something when it refuses what the real ones refuse. */

const issued = new Issued()
issued.thinking.set("sig", "thought")
issued.reasoning.set("rs_1", "enc")
issued.thoughts.push([{ type: "thinking", thinking: "thought", signature: "sig" }])
issued.searches.set("ws_1", undefined)
issued.searches.set("ws_3", "rs_1")
issued.found.set("ws_1", ["found"])
issued.responses.set("resp_1", { openCalls: [], itemIds: ["rs_0"] })
issued.responses.set("resp_2", { openCalls: ["b"], itemIds: [] })

const user = { role: "user", content: "hi" }

describe("google", () => {
  const text = (words: string, role = "user") => ({ role, parts: [{ text: words }] })
  const hi = text("hi")
  const call = { functionCall: { id: "1", name: "f", args: {} }, thoughtSignature: "sig" }
  const result = { functionResponse: { id: "1", name: "f", response: { output: "ok" } } }
  const calls = { role: "model", parts: [call] }
  const results = { role: "user", parts: [result] }
  const signatures = { isOurs: (signature: string) => issued.thinking.has(signature), wanted: true }
  const declared = (parameters: unknown, name = "f") => ({
    functionDeclarations: [{ name, parametersJsonSchema: parameters }],
  })

  test("takes what is right", () => {
    const tools = [declared({ type: "object", properties: {} }), { googleSearch: {} }]
    const toolConfig = { functionCallingConfig: { mode: "AUTO" } }
    const other = { ...call, thoughtSignature: "skip_thought_signature_validator" }
    expect(refuseGoogle({ contents: [hi, calls, results], tools, toolConfig }, signatures)).toBeUndefined()
    expect(refuseGoogle({ contents: [hi, { role: "model", parts: [other] }, results] }, signatures)).toBeUndefined()
  })

  test.each([
    [{ contents: [] }, /not specified/],
    [{ stream: true }, /Unknown parameter/],
    [{ contents: [hi, hi] }, /roles alternate/],
    [{ contents: [text("hi", "assistant")] }, /user/],
    [{ contents: [hi, text("so", "model")] }, /last turn/],
    [{ contents: [text(" ")] }, /non-empty/],
    [{ contents: [{ role: "user", parts: [] }] }, /must not be empty/],
    [{ contents: [{ role: "user", parts: [{ text: "a", inlineData: {} }] }] }, /one initialized field/],
    [{ contents: [hi, calls, hi] }, /number of function response parts/],
    [
      { contents: [hi, calls, { role: "user", parts: [result, { text: "and" }] }] },
      /number of function response parts/,
    ],
    [{ contents: [results] }, /number of function response parts/],
    [{ contents: [hi, { role: "model", parts: [{ functionCall: call.functionCall }] }, results] }, /missing a thought/],
    [{ contents: [hi, { role: "model", parts: [{ ...call, thoughtSignature: "x" }] }, results] }, /not valid/],
    [{ tools: [declared({ type: "object", required: null })] }, /not of type 'array'/],
    [{ tools: [declared({ type: "object" }), declared({ type: "object" })] }, /Duplicate/],
    [{ toolConfig: {} }, /without function_declarations/],
    [{ generationConfig: { stop: 1 } }, /generation_config.stop/],
    [{ generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: "LOW" } } }, /only one/],
  ])("refuses %j", (change, words) => {
    expect(refuseGoogle({ contents: [hi], ...change }, signatures)).toMatch(words)
  })
})

describe("bedrock", () => {
  const good = {
    anthropic_version: "bedrock-2023-05-31",
    model: "anthropic.claude",
    max_tokens: 10,
    messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  }

  test.each([{}, { anthropic_beta: ["a"] }])("takes %j", (change) => {
    expect(refuseBedrock({ ...good, ...change }, issued)).toBeUndefined()
  })

  test.each([
    [{ anthropic_version: undefined }, /anthropic_version/],
    [{ anthropic_beta: "a" }, /valid list/],
    [{ stream: true }, /stream/],
    [{ messages: [] }, /first message/],
  ])("refuses %j", (change, words) => {
    expect(refuseBedrock({ ...good, ...change }, issued)).toMatch(words)
  })
})

describe("chat", () => {
  const good = { model: "m", stream: true, messages: [user] }
  const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } }
  const calls = { role: "assistant", content: null, tool_calls: [call] }
  const result = { role: "tool", tool_call_id: "a", content: "ok" }
  const tool = (parameters: unknown, name = "f") => ({ type: "function", function: { name, parameters } })

  test("takes what is right", () => {
    const tools = [tool({ type: "object", properties: { required: { type: "string" } }, required: [] })]
    expect(
      refuseChat({ ...good, messages: [user, calls, result, user], tools, tool_choice: "auto" }, []),
    ).toBeUndefined()
    expect(refuseChat({ ...good, reasoning: {} }, ["reasoning"])).toBeUndefined()
  })

  test.each([
    [{ reasoning: {} }, /Unknown parameter/],
    [{ model: undefined }, /model/],
    [{ stream: false }, /only streams/],
    [{ messages: [] }, /must not be empty/],
    [{ messages: [{ ...user, extra: 1 }] }, /Unknown parameter/],
    [{ messages: [{ role: "robot", content: "x" }] }, /invalid role/],
    [{ messages: [{ role: "assistant", content: null }] }, /required/],
    [{ messages: [user, calls] }, /must be followed by tool messages/],
    [{ messages: [user, calls, user, result] }, /must be followed by tool messages/],
    [{ messages: [user, result] }, /must be a response/],
    [{ messages: [user, calls, result, result] }, /must be a response/],
    [
      { messages: [user, { ...calls, tool_calls: [{ ...call, function: { name: "f", arguments: "{" } }] }, result] },
      /not JSON/,
    ],
    [{ tools: [] }, /too short/],
    [{ tool_choice: "auto" }, /only allowed when/],
    [{ tools: [tool({ type: "object", required: null })] }, /None is not of type 'array'/],
    [
      { tools: [tool({ type: "object", properties: { a: { type: "object", required: null } } })] },
      /None is not of type 'array'/,
    ],
    [{ tools: [tool({ type: "object" }, "a b")] }, /Invalid tool name/],
    [{ tools: [tool({ type: "object" }), tool({ type: "object" })] }, /Duplicate/],
  ])("refuses %j", (change, words) => {
    expect(refuseChat({ ...good, ...change }, [])).toMatch(words)
  })
})

describe("responses", () => {
  const message = { role: "user", content: [{ type: "input_text", text: "hi" }] }
  const good = { model: "m", stream: true, input: [message] }
  const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "enc" }
  const call = { type: "function_call", call_id: "a", name: "f", arguments: "{}" }
  const output = { type: "function_call_output", call_id: "a", output: "ok" }
  const refusal = (body: object) => refuseResponses({ ...good, ...body }, issued)

  test("takes what is right", () => {
    const search = { type: "web_search_call", id: "ws_3", status: "completed", action: {} }
    expect(refusal({ input: [message, reasoning, call, output, { role: "assistant", content: "x" }] })).toBeUndefined()
    expect(refusal({ input: [message, reasoning, search, message] })).toBeUndefined()
    expect(refusal({ previous_response_id: "resp_1" })).toBeUndefined()
    expect(refusal({ previous_response_id: "resp_2", input: [{ ...output, call_id: "b" }] })).toBeUndefined()
  })

  test.each([
    [{ messages: [] }, /Unknown parameter/],
    [{ input: [] }, /Missing required/],
    [{ input: [message, call] }, /No tool output found for function call a/],
    [{ input: [message, output] }, /No tool call found/],
    [{ input: [message, reasoning] }, /without its required following item/],
    [{ input: [message, reasoning, message] }, /without its required following item/],
    [{ input: [message, { ...reasoning, encrypted_content: "other" }, call, output] }, /could not be verified/],
    [{ input: [message, { ...call, id: "fc_1" }, output] }, /not persisted/],
    [{ input: [message, { type: "web_search_call", id: "ws_2", status: "completed", action: {} }] }, /not found/],
    [{ input: [{ role: "user", content: [{ type: "text", text: "x" }] }] }, /invalid content/],
    [{ input: [message, { ...reasoning, encrypted_content: undefined }, call, output] }, /not persisted/],
    [{ input: [message, reasoning, call, reasoning, call, output] }, /Duplicate item/],
    [{ input: [message, { ...call, call_id: "a:b" }, { ...output, call_id: "a:b" }] }, /match pattern/],
    [{ input: [message, { ...call, call_id: "a".repeat(65) }] }, /too long/],
    [
      { input: [message, { type: "web_search_call", id: "ws_3", status: "completed", action: {} }] },
      /without its required 'reasoning' item/,
    ],
    [{ previous_response_id: "resp_0" }, /Previous response with id 'resp_0' not found/],
    [{ previous_response_id: "resp_1", input: [output] }, /No tool call found/],
    [{ previous_response_id: "resp_1", input: [{ ...reasoning, id: "rs_0" }, call, output] }, /Duplicate item/],
    [{ previous_response_id: "resp_2" }, /No tool output found for function call b/],
  ])("refuses %j", (change, words) => {
    expect(refusal(change)).toMatch(words)
  })
})

describe("messages", () => {
  const say = (...content: ReadonlyArray<object>) => ({ role: "user", content })
  const reply = (...content: ReadonlyArray<object>) => ({ role: "assistant", content })
  const text = { type: "text", text: "hi" }
  const thinking = { type: "thinking", thinking: "thought", signature: "sig" }
  const call = { type: "tool_use", id: "a", name: "f", input: {} }
  const result = { type: "tool_result", tool_use_id: "a", content: "ok" }
  const budget = { type: "enabled", budget_tokens: 2_000 }
  const search = { type: "server_tool_use", id: "ws_1", name: "web_search", input: { query: "q" } }
  const found = { type: "web_search_tool_result", tool_use_id: "ws_1", content: ["found"] }
  const mark = { cache_control: { type: "ephemeral" } }
  const good = { model: "m", stream: true, max_tokens: 4_000, messages: [say(text)] }
  const refusal = (body: object) => refuseMessages({ ...good, ...body }, "2026-10-21", issued)

  test("takes what is right", () => {
    const again = { ...call, id: "b" }
    const messages = [
      say(text),
      reply(thinking, call),
      say(result, text),
      reply(again),
      say({ ...result, tool_use_id: "b" }),
    ]
    expect(refusal({ messages, thinking: budget })).toBeUndefined()
    expect(refuseMessages({ ...good, temperature: 1 }, "2023-06-01", issued)).toBeUndefined()
    expect(refusal({ messages: [say(text), reply(search, found, text), say(text)] })).toBeUndefined()
  })

  test("takes a paused reply at the end, exactly as it was", () => {
    const paused = new Issued()
    paused.paused.push([text, search])
    const ending = (...content: ReadonlyArray<object>) =>
      refuseMessages({ ...good, messages: [say(text), reply(...content)] }, "2026-10-21", paused)
    expect(ending(text, { ...search, ...mark })).toBeUndefined()
    expect(ending(text)).toMatch(/prefill/)
    expect(ending(search, text)).toMatch(/prefill/)
    expect(ending(text, { ...search, input: { query: "other" } })).toMatch(/prefill/)
  })

  test.each([
    [{ temperature: 1 }, /Extra inputs are not permitted/],
    [{ presence_penalty: 1 }, /Unknown parameter/],
    [{ max_tokens: undefined }, /max_tokens/],
    [{ thinking: { type: "enabled", budget_tokens: 100 } }, /1024/],
    [{ thinking: { type: "enabled", budget_tokens: 4_000 } }, /must be greater/],
    [{ messages: [reply(text), say(text)] }, /first message/],
    [{ messages: [say(text), reply(text)] }, /prefill/],
    [{ messages: [say({ type: "text", text: " " })] }, /non-whitespace/],
    [{ messages: [say(text), reply(call), say(text)] }, /without tool_result/],
    [{ messages: [say(text), reply(call), say(text, result)] }, /must come first/],
    [{ messages: [say(result)] }, /unexpected tool_use_id/],
    [{ messages: [say(text), reply(call), say(result), reply(call), say(result)] }, /must be unique/],
    [{ messages: [say(text), reply({ ...call, id: "a:b" }), say({ ...result, tool_use_id: "a:b" })] }, /pattern/],
    [{ messages: [say(text), reply({ ...call, input: "x" }), say(result)] }, /dictionary/],
    [{ messages: [say(text), reply({ ...thinking, thinking: "altered" }, text), say(text)] }, /Invalid signature/],
    [{ messages: [say(text), reply({ ...thinking, ...mark }, text), say(text)] }, /not permitted on thinking/],
    [{ messages: [say(text), reply(call), say(result)], thinking: budget }, /Expected thinking/],
    [{ messages: [say(text), reply(text, thinking), say(text)] }, /final block/],
    [{ messages: [say(text), reply(thinking, thinking, text), say(text)] }, /cannot be modified/],
    [{ messages: [say(text), reply(search, text), say(text)] }, /corresponding/],
    [{ messages: [say(text), reply(found, text), say(text)] }, /corresponding/],
    [{ messages: [say(text), reply(search, { ...found, content: [] }, text), say(text)] }, /encrypted_content/],
    [{ messages: [say(...Array.from({ length: 5 }, () => ({ ...text, ...mark })))] }, /maximum of 4/],
    [{ tools: [{ name: "f", input_schema: { type: "object", required: null } }] }, /None is not of type/],
  ])("refuses %j", (change, words) => {
    expect(refusal(change)).toMatch(words)
  })
})

test("what is said last is found where the message before it got no answer", () => {
  const asking = (content: string): RecordedRequest => ({
    number: 1,
    protocol: "chat",
    headers: {},
    body: { messages: [{ role: "user", content }] },
    refusal: undefined,
    closed: Promise.resolve(true),
  })
  expect(
    ["Second", "First\n\nSecond", "Not Second", "Second\n\nThird"].map((text) => isSaid("Second")(asking(text))),
  ).toEqual([true, true, false, false])
})

test("runs as a separate process", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scripted-provider-"))
  const script = join(folder, "steps.json")
  await writeFile(script, JSON.stringify([{ items: [{ text: ["a", "b"] }] }]))
  const file = new URL("./scripted-provider.ts", import.meta.url).pathname
  const child = spawn(process.execPath, ["--import", "tsx", file, "--script", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  try {
    const [url]: ReadonlyArray<unknown> = await once(createInterface(child.stdout), "line")
    const response = await fetch(`${String(url)}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer scripted-key" },
      body: JSON.stringify({ model: "m", stream: true, messages: [user] }),
    })
    const stream = await response.text()
    expect(stream).toContain('"content":"a"')
    expect(stream).toContain("data: [DONE]")
  } finally {
    const exited = once(child, "exit")
    child.kill()
    await exited
    await rm(folder, { recursive: true })
  }
})
