import { Clock, Effect } from "effect"
import type { WorkspaceId } from "../contract/ids.ts"
import type { AgentLink } from "./agent-link.ts"
import type { WorkspaceConnection } from "./workspace.ts"

/** The messages of a workspace's agent, as a connection. */

/** The agent holds a wait for at most 5 minutes; longer ones are made of several. */
const LONGEST_WAIT_MS = 240_000

const LISTED_PROCESSES = 10

export interface ConnectedWorkspace {
  readonly workspaceId: WorkspaceId
  readonly directory: string
  readonly created?: { readonly name: string }
  readonly notice?: string
}

export const makeConnection = (workspace: ConnectedWorkspace, link: AgentLink): WorkspaceConnection => ({
  ...workspace,

  readFileLines: (path, { offset, limit }) =>
    Effect.map(link.ask("readFileLines", { query: { path, offset, limit } }), ({ value }) => value),

  writeFile: (identity, path, content) =>
    Effect.asVoid(link.ask("writeFile", { identity, query: { path }, body: content })),

  editFiles: (identity, files) =>
    Effect.map(link.ask("editFiles", { identity, body: { files } }), ({ value }) => value.files),

  startProcess: (identity, request) =>
    Effect.map(link.ask("startProcess", { identity, body: request }), ({ value, runAgeMs = 0 }) => ({
      id: value.id,
      started: runAgeMs === 0,
      runAgeMs,
    })),

  processOutput: Effect.fn("Workspaces.processOutput")(function* (chatId, processId, waitMs) {
    const deadline = (yield* Clock.currentTimeMillis) + waitMs
    for (;;) {
      const left = Math.max(0, deadline - (yield* Clock.currentTimeMillis))
      const wait = Math.ceil(Math.min(left, LONGEST_WAIT_MS))
      const { value } = yield* link.ask("processOutput", { id: processId, chatId, query: { wait }, waitMs: wait })
      if (!value.running || left <= LONGEST_WAIT_MS) return value
    }
  }),

  followProcess: (chatId, processId, { after, most, waitMs: wait }) =>
    Effect.map(
      link.ask("followProcess", { id: processId, chatId, query: { after, most, wait }, waitMs: wait }),
      ({ value }) => value,
    ),

  listProcesses: (chatId) =>
    Effect.map(link.ask("listProcesses", { chatId }), ({ value: { processes } }) => ({
      processes: processes.slice(0, LISTED_PROCESSES),
      total: processes.length,
    })),

  signalProcess: (identity, processId, signal) =>
    Effect.asVoid(link.ask("signalProcess", { id: processId, identity, body: { signal } })),

  cancelCall: (identity) => Effect.asVoid(link.ask("cancelCall", { identity })),
})
