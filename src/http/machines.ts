import { Effect } from "effect"
import { ChatAccess } from "../chats/access.ts"
import { ChatRepair } from "../chats/repair.ts"
import { chatToWire, transitionToWire } from "../actors/streams/chat-wire.ts"
import { Inspection } from "../chats/inspection.ts"
import type { MachinesRoutes } from "../contract/routes/machines.ts"
import { chatMachineConfig } from "../machines/machine-config.ts"
import { chatMachineGraph } from "../machines/machine-graph.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_TRANSITIONS = 100

export const machinesHandlers = {
  chatMachineGraph: ({ urlParams }) =>
    Effect.sync(() => (urlParams.format === "xstate" ? chatMachineConfig() : chatMachineGraph())),
  chatMachineState: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(caller, path.chat, "inspect")
      return yield* (yield* Inspection).now(row)
    }),
  chatTransitions: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(caller, path.chat, "inspect")
      const limit = urlParams.limit ?? DEFAULT_TRANSITIONS
      const page = { after: urlParams.after ?? 0, limit: limit + 1 }
      const rows = yield* (yield* Inspection).transitions(row.id, page)
      return {
        has_more: rows.length > limit,
        transitions: rows.slice(0, limit).map(transitionToWire),
      }
    }),
  chatSteps: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(caller, path.chat, "inspect")
      return yield* (yield* Inspection).steps(row)
    }),
  chatAtVersion: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(caller, path.chat, "inspect")
      return yield* (yield* Inspection).at(row, path.version)
    }),
  reconcileInvalid: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* ChatRepair).reconcile(caller, path.chat, idempotency))
    }),
} satisfies GroupHandlers<typeof MachinesRoutes, ChatAccess | ChatRepair | Inspection>
