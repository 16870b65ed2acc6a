import { Clock, Effect, Schema } from "effect"
import type { AgentLink } from "./agent-link.ts"
import type { WorkspaceConnection } from "./workspace.ts"

/** The messages of a workspace's agent, as a connection. */

/** The agent holds a wait for at most 5 minutes; longer ones are made of several. */
const LONGEST_WAIT_MS = 240_000

const FileLines = Schema.Struct({
  success: Schema.Boolean,
  file_size: Schema.Number,
  total_lines: Schema.Number,
  lines_read: Schema.Number,
  content: Schema.String,
  error: Schema.optionalWith(Schema.String, { exact: true }),
})

const EditedFiles = Schema.Struct({ files: Schema.Array(Schema.Struct({ path: Schema.String, diff: Schema.String })) })

const Started = Schema.Struct({ id: Schema.String })

const Output = Schema.Struct({
  output: Schema.String,
  running: Schema.Boolean,
  exit_code: Schema.NullOr(Schema.Number),
  truncated: Schema.optionalWith(
    Schema.Struct({
      original_bytes: Schema.Number,
      retained_bytes: Schema.Number,
      omitted_bytes: Schema.Number,
      strategy: Schema.Literal("head_tail"),
    }),
    { exact: true },
  ),
})

const Processes = Schema.Struct({
  processes: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      command: Schema.String,
      workdir: Schema.String,
      background: Schema.Boolean,
      running: Schema.Boolean,
      exit_code: Schema.NullOr(Schema.Number),
      started_at_unix: Schema.Number,
      exited_at_unix: Schema.NullOr(Schema.Number),
    }),
  ),
})

/** An answer of which only the arrival matters. */
const Done = Schema.Struct({})

const LISTED_PROCESSES = 10

export interface ConnectedWorkspace {
  readonly workspaceId: string
  readonly directory: string
  readonly created?: { readonly name: string }
  readonly notice?: string
}

export const makeConnection = (workspace: ConnectedWorkspace, link: AgentLink): WorkspaceConnection => ({
  ...workspace,

  readFileLines: (path, { offset, limit }) =>
    link
      .ask(FileLines, {
        operation: "Workspaces.readFileLines",
        method: "GET",
        path: "/read-file-lines",
        query: { path, offset: String(offset), limit: String(limit) },
      })
      .pipe(Effect.map(({ value }) => value)),

  writeFile: (identity, path, content) =>
    link
      .ask(Done, {
        operation: "Workspaces.writeFile",
        method: "POST",
        path: "/write-file",
        query: { path },
        body: content,
        identity,
      })
      .pipe(Effect.asVoid),

  editFiles: (identity, files) =>
    link
      .ask(EditedFiles, {
        operation: "Workspaces.editFiles",
        method: "POST",
        path: "/edit-files",
        body: JSON.stringify({ files }),
        identity,
      })
      .pipe(Effect.map(({ value }) => value.files)),

  startProcess: (identity, request) =>
    link
      .ask(Started, {
        operation: "Workspaces.startProcess",
        method: "POST",
        path: "/processes/start",
        body: JSON.stringify(request),
        identity,
      })
      .pipe(Effect.map(({ value, runAgeMs = 0 }) => ({ id: value.id, started: runAgeMs === 0, runAgeMs }))),

  processOutput: Effect.fn("Workspaces.processOutput")(function* (chatId, processId, waitMs) {
    const deadline = (yield* Clock.currentTimeMillis) + waitMs
    for (;;) {
      const left = Math.max(0, deadline - (yield* Clock.currentTimeMillis))
      const wait = Math.min(left, LONGEST_WAIT_MS)
      const { value } = yield* link.ask(Output, {
        operation: "Workspaces.processOutput",
        method: "GET",
        path: `/processes/${encodeURIComponent(processId)}/output`,
        query: { wait: String(Math.ceil(wait)) },
        chatId,
        waitMs: wait,
      })
      if (!value.running || left <= LONGEST_WAIT_MS) return value
    }
  }),

  listProcesses: (chatId) =>
    link
      .ask(Processes, {
        operation: "Workspaces.listProcesses",
        method: "GET",
        path: "/processes/list",
        chatId,
      })
      .pipe(
        Effect.map(({ value }) => ({
          processes: value.processes.slice(0, LISTED_PROCESSES),
          total: value.processes.length,
        })),
      ),

  signalProcess: (identity, processId, signal) =>
    link
      .ask(Done, {
        operation: "Workspaces.signalProcess",
        method: "POST",
        path: `/processes/${encodeURIComponent(processId)}/signal`,
        body: JSON.stringify({ signal }),
        identity,
      })
      .pipe(Effect.asVoid),

  cancelCall: (identity) =>
    link
      .ask(Done, {
        operation: "Workspaces.cancelCall",
        method: "POST",
        path: "/tool-calls/cancel",
        identity,
      })
      .pipe(Effect.asVoid),
})
