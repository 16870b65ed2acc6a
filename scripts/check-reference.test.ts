import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("check-reference.mjs", import.meta.url))

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-reference-"))
  mkdirSync(join(root, "docs"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const said = {
  summary: "Send a message",
  description: "Begins a turn in a chat that rests, or waits for it to end.\n\nWho may: The owner alone.",
  "x-permission": "chat:converse",
}
const route = {
  ...said,
  security: [{ bearer: [] }],
  parameters: [{ name: "chat", required: true, description: "Id of the chat.", example: "x" }],
  requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Send" }, example: {} } } },
  responses: { 200: { description: "What was asked for." }, 404: { description: "There is no such chat." } },
}
const field = { type: "string", description: "What you say." }
const stream = { ...said, "x-refusals": { 401: "Sign in first." } }
const example = { name: "status", summary: "The chat's status.", payload: [] }
const parameter = { description: "Where to go on from.", examples: ["1"] }

interface Case {
  readonly route?: object
  readonly field?: object
  readonly stream?: object
  readonly examples?: ReadonlyArray<object>
  readonly parameter?: object
}

const check = (changed: Case = {}) => {
  const openapi = {
    paths: { "/chats": { post: { ...route, ...changed.route } } },
    components: { schemas: { Send: { properties: { content: changed.field ?? field } } } },
  }
  const asyncapi = {
    operations: { followChat: { ...stream, ...changed.stream } },
    channels: {
      chatStream: {
        bindings: { ws: { query: { properties: { cursor: changed.parameter ?? parameter } } } },
        messages: { frame: { examples: changed.examples ?? [example] } },
      },
    },
  }
  writeFileSync(join(root, "docs", "openapi.json"), JSON.stringify(openapi))
  writeFileSync(join(root, "docs", "asyncapi.json"), JSON.stringify(asyncapi))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, output: stdout }
}

it("passes what says everything", () => {
  expect(check()).toEqual({ passed: true, output: "" })
})

describe("an operation is refused", () => {
  const ROUTE = "POST /chats"
  it.each<[string, Case, string]>([
    ["without a summary", { route: { summary: undefined } }, `${ROUTE} has no summary`],
    ["with a long one", { route: { summary: "x".repeat(61) } }, `${ROUTE} has a summary of 61 characters`],
    ["with a full stop in it", { route: { summary: "Send a message." } }, `${ROUTE} has a summary with a full stop`],
    ["without a description", { route: { description: "" } }, `${ROUTE} has no description`],
    [
      "that does not say who may",
      { route: { description: "It begins a turn in a chat that rests, and so on." } },
      `${ROUTE} does not say who may`,
    ],
    ["without a permission", { route: { "x-permission": undefined } }, `${ROUTE} has no x-permission`],
    [
      "with a parameter that nobody describes",
      { route: { parameters: [{ name: "limit", description: "a string to be decoded into a number" }] } },
      `${ROUTE} says nothing of limit`,
    ],
    [
      "without an example of what must be given",
      { route: { parameters: [{ name: "chat", required: true, description: "Id of the chat." }] } },
      `${ROUTE} has no example of chat`,
    ],
    [
      "without an example of its body",
      { route: { requestBody: { content: { "application/json": { schema: {} } } } } },
      `${ROUTE} has no example of its body`,
    ],
    ["with a field that nobody describes", { field: { type: "string" } }, `${ROUTE} says nothing of the field content`],
    [
      "with an answer that says nothing",
      { route: { responses: { 404: { description: "" } } } },
      `${ROUTE} does not say when it answers 404`,
    ],
    ["that is open and says otherwise", { route: { security: [] } }, `${ROUTE} asks for another session than it says`],
    ["that is a stream without refusals", { stream: { "x-refusals": {} } }, "followChat does not say how"],
    ["that is a stream without a summary", { stream: { summary: "" } }, "followChat has no summary"],
    ["with an event that nobody describes", { examples: [{ name: "retry" }] }, "chatStream says nothing of retry"],
    ["without an example of its events", { examples: [] }, "chatStream has no examples of its events"],
    ["with a parameter of a stream without one", { parameter: { description: "Whence." } }, "has no example of cursor"],
  ])("%s", (_how, changed, problem) => {
    const { passed, output } = check(changed)
    expect([passed, output.includes(problem)]).toEqual([false, true])
    expect(output).toContain("say it in src/contract/reference/")
  })
})
