import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { httpAnswer, useHostileAgent } from "../../test/support/hostile-agent.ts"
import type { CallIdentity, WorkspaceConnection, WorkspaceError } from "./workspace.ts"

const agent = useHostileAgent()

const identity: CallIdentity = { chatId: randomUUID(), messageId: 1, toolCallId: randomUUID(), callAgeMs: 0 }
const lines = { success: true, file_size: 1, total_lines: 1, lines_read: 1, content: "1\tx" }
const output = { output: "", running: false, exit_code: 0 }
const started = { id: identity.toolCallId, started: true }
const process = {
  id: identity.toolCallId,
  command: "ls",
  workdir: "/work",
  background: false,
  running: true,
  exit_code: null,
  started_at_unix: 1,
  exited_at_unix: null,
}

const json = (value: unknown, headers = "") => httpAnswer(JSON.stringify(value), "200 OK", headers)

type Ask = (workspace: WorkspaceConnection) => Effect.Effect<unknown, WorkspaceError>

const readLines: Ask = (workspace) => workspace.readFileLines("/a", { offset: 1, limit: 1 })
const wait: Ask = (workspace) => workspace.processOutput(identity.chatId, identity.toolCallId, 0)
const write: Ask = (workspace) => workspace.writeFile(identity, "/a", "x")
const edit: Ask = (workspace) => workspace.editFiles(identity, [])
const start: Ask = (workspace) => workspace.startProcess(identity, { command: "ls", background: false })
const list: Ask = (workspace) => workspace.listProcesses(identity.chatId)
const signal: Ask = (workspace) => workspace.signalProcess(identity, identity.toolCallId, "kill")
const cancel: Ask = (workspace) => workspace.cancelCall(identity)

const failureOf = (ask: Ask) => Effect.runPromise(Effect.flip(ask(agent.connection())))

describe("an answer that the protocol does not know", () => {
  const unreadable: ReadonlyArray<readonly [string, Ask, string]> = [
    ["no bytes", readLines, httpAnswer("")],
    ["text", readLines, httpAnswer("<html>")],
    ["half of an object", readLines, httpAnswer('{"success": true')],
    ["null", readLines, json(null)],
    ["a list", readLines, json([lines])],
    ["a message of another operation", readLines, json(output)],
    ["a field of another type", readLines, json({ ...lines, content: 1 })],
    ["no content", readLines, json({ ...lines, content: undefined })],
    ["an optional field of another type", readLines, json({ ...lines, error: 1 })],
    ["a count that is no whole number", readLines, json({ ...lines, total_lines: 0.5 })],
    ["a number without bounds", wait, httpAnswer('{"output":"","running":false,"exit_code":1e999}')],
    ["an output without its state", wait, json({ ...output, running: undefined })],
    ["half of what was cut away", wait, json({ ...output, truncated: { original_bytes: 1 } })],
    ["an unknown way of cutting", wait, json({ ...output, truncated: { strategy: "middle" } })],
    ["nothing about a write", write, json({})],
    ["files without their differences", edit, json({ files: [{ path: "/a" }] })],
    ["no list of files", edit, json({ files: {} })],
    ["a process without an id", start, json({ started: true })],
    ["a process whose id is a path", start, json({ ...started, id: "../../stop" })],
    ["an age in words", start, json(started, "Coder-Tool-Call-Run-Age-Ms: long\r\n")],
    ["an age before the call", start, json(started, "Coder-Tool-Call-Run-Age-Ms: -5\r\n")],
    ["an age of nothing", start, json(started, "Coder-Tool-Call-Run-Age-Ms: NaN\r\n")],
    ["one process of several that is none", list, json({ processes: [process, { ...process, workdir: null }] })],
    ["a signal answered with a list", signal, json([])],
    ["a cancellation answered with another's words", cancel, json({ message: "done" })],
  ]
  it.each(unreadable)("is a named error, when it is %s", async (_, ask, bytes) => {
    const { asked } = agent.answerWith(bytes)
    expect(await failureOf(ask)).toMatchObject({
      _tag: "WorkspaceError",
      reason: "unreadable",
      message: "The workspace gave an answer that cannot be understood.",
    })
    // What may have acted is not asked to act once more.
    expect(asked()).toBe(1)
  })

  it("may hold fields of a later agent, which are dropped", async () => {
    agent.answerWith(json({ ...lines, encoding: "utf-8" }))
    expect(await Effect.runPromise(readLines(agent.connection()))).toEqual(lines)
  })
})

describe("bytes that are no HTTP", () => {
  it.each([
    ["nothing", ""],
    ["another protocol", "SSH-2.0-OpenSSH_9.7\r\n"],
    ["an answer that breaks off", httpAnswer("{}").replace("Content-Length: 2", "Content-Length: 200")],
    ["headers without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(200_000)}\r\n\r\n`],
    ["more than an answer may hold", httpAnswer(" ".repeat(8 * 1024 * 1024 + 1))],
  ])("make the workspace unreachable, when they are %s", async (_, bytes) => {
    agent.answerWith(bytes)
    expect(await failureOf(readLines)).toMatchObject({ _tag: "WorkspaceError", reason: "unreachable" })
  })
})

describe("a refusal", () => {
  it.each([
    ["without a body", httpAnswer("", "409 Conflict"), { reason: "conflict" }],
    ["with a page", httpAnswer("<html>", "502 Bad Gateway"), { reason: "failed" }],
    ["that is no object", httpAnswer("7", "404 Not Found"), { reason: "not_found" }],
    ["with a message of another type", httpAnswer('{"message": {}}', "400 Bad Request"), { reason: "refused" }],
    ["that is no failure", httpAnswer("{}", "302 Found"), { reason: "refused" }],
  ])("without words is told as such, when it comes %s", async (_, bytes, expected) => {
    agent.answerWith(bytes)
    expect(await failureOf(write)).toMatchObject({
      _tag: "WorkspaceError",
      ...expected,
      message: "The workspace refused, without saying why.",
    })
  })

  it.each([
    ["input_mismatch", "input_mismatch"],
    ["a_later_code", undefined],
    [7, undefined],
    [null, undefined],
  ])("with the code %j has the code %s", async (code, expected) => {
    agent.answerWith(httpAnswer(JSON.stringify({ message: "No.", code }), "409 Conflict"))
    const failure = await failureOf(write)
    expect([failure.message, failure.code]).toEqual(["No.", expected])
  })
})
