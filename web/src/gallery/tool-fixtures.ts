import type { Message } from "../../../src/contract/chats.ts"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"
import { palette, testRun } from "./output-fixtures.ts"

/** Calls of every tool that has a look of its own, of others, and in every state a call can be in. */

const STARTED = "2026-06-01T10:00:00.000Z"
const ENDED = "2026-06-01T10:00:04.200Z"

export interface CallFixture {
  readonly title: string
  readonly call: ToolCallPart
  readonly result?: ToolResultPart
}

let number = 0
const fixture = (title: string, tool_name: string, args: unknown, result?: unknown, is_error = false): CallFixture => {
  number += 1
  const tool_call_id = `call-${number}`
  return {
    title,
    call: { type: "tool-call", tool_call_id, tool_name, args, created_at: STARTED },
    ...(result !== undefined && {
      result: { type: "tool-result", tool_call_id, tool_name, result, is_error, created_at: ENDED },
    }),
  }
}

const ran = (output: string, exit_code = 0) => ({ success: exit_code === 0, exit_code, output })

export const finished: ReadonlyArray<CallFixture> = [
  fixture("A command", "execute", { command: "npm test -- deliveries" }, ran("Tests  19 passed (19)\n")),
  fixture("A command that failed", "execute", { command: "npm run lint" }, ran("3 problems\n", 1)),
  fixture("A command with no output", "execute", { command: "mkdir -p build" }, ran("")),
  fixture(
    "A command in the background",
    "execute",
    { command: "npm run dev" },
    { success: true, background_process_id: "p1" },
  ),
  fixture("What a process wrote", "process_output", { process_id: "p1" }, { success: true, output: "ready in 312 ms" }),
  fixture("The processes", "process_list", {}, { success: true, processes: [] }),
  fixture("A signal", "process_signal", { process_id: "p1", signal: "terminate" }, { success: true }),
  fixture(
    "A file that was read",
    "read_file",
    { path: "src/deliver/backoff.ts" },
    { content: "1\texport const a = 1" },
  ),
  fixture(
    "A file that was written",
    "write_file",
    { path: "migrations/0042.sql", content: "select 1\n" },
    { ok: true },
  ),
  fixture(
    "Files that were edited",
    "edit_files",
    { files: [{ path: "src/a.ts", edits: [{ search: "const a = 1", replace: "const a = 2" }] }] },
    { ok: true },
  ),
  fixture("A tool without a look of its own", "web_search", { query: "jitter" }, { hits: 3 }),
  fixture("A tool that failed", "read_file", { path: "gone.ts" }, { error: "There is no such file." }, true),
  fixture("A call that was denied", "execute", { command: "rm -rf /" }, { denied: true, error: "Too much." }, true),
  fixture("A call that was stopped", "execute", { command: "sleep 60" }, { canceled: "interrupted" }),
  fixture(
    "A call that somebody stopped alone",
    "execute",
    { command: "npm run test:watch" },
    { success: false, stopped_by: "ada", output: "Waiting for changes\n", exit_code: 143, error: "ada stopped it." },
    true,
  ),
  fixture("Colours of a program", "execute", { command: "palette" }, ran(palette)),
]

const JUST_NOW = new Date(Date.now() - 14_000).toISOString()

const writes = (title: string, command: string, result_delta: string): CallFixture => {
  const { call } = fixture(title, "execute", { command })
  const { tool_call_id, tool_name } = call
  return { title, call, result: { type: "tool-result", tool_call_id, tool_name, result_delta, created_at: JUST_NOW } }
}

export const running: ReadonlyArray<CallFixture> = [
  writes("A command that has written nothing yet", "npm run test:watch", ""),
  writes("A command that writes", "npm test -- deliveries", testRun),
  writes(
    "A command that writes much",
    "make all",
    Array.from({ length: 900 }, (_, at) => `cc -c file${at}.c`).join("\n"),
  ),
  writes("A command of which output was left out", "yes", `…[1048576 bytes omitted]…\n${"y\n".repeat(30)}`),
  {
    title: "A call that is being written",
    call: { type: "tool-call", tool_call_id: "writing", tool_name: "write_file", args_text: '{"path": "a.t' },
  },
]

export const asked = fixture("A call that waits for a person", "execute", { command: "git push origin main" })

/** The messages in which the results stand. */
export const resultMessages = (calls: ReadonlyArray<CallFixture>): ReadonlyArray<Message> => [
  {
    id: 1,
    chat_id: "6f0d9a3e-0000-4000-8000-000000000101",
    created_at: ENDED,
    role: "tool",
    content: calls.flatMap(({ result }) => (result === undefined ? [] : [result])),
  },
]
