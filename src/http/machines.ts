import { Effect } from "effect"
import { ChatAccess } from "../chats/access.ts"
import { ChatRepair } from "../chats/repair.ts"
import { chatToWire } from "../actors/streams/chat-wire.ts"
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
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      return yield* (yield* Inspection).now(row)
    }),
  chatTransitions: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      const { after = 0, limit = DEFAULT_TRANSITIONS, message, call } = urlParams
      const of = message !== undefined ? { message } : call !== undefined ? { call } : undefined
      return yield* (yield* Inspection).transitions(row, { after, limit, of })
    }),
  chatSteps: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      return yield* (yield* Inspection).steps(row)
    }),
  chatAtVersion: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      return yield* (yield* Inspection).at(row, path.version, urlParams)
    }),
  reconcileInvalid: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* ChatRepair).reconcile(caller, path.chat, idempotency))
    }),
} satisfies GroupHandlers<typeof MachinesRoutes, ChatAccess | ChatRepair | Inspection>
