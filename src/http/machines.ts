import { Effect } from "effect"
import { ChatAccess } from "../actors/chat-access.ts"
import { Inspection } from "../actors/inspection.ts"
import type { MachinesRoutes } from "../contract/routes/machines.ts"
import { chatMachineGraph } from "../machines/machine-graph.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_TRANSITIONS = 100

export const machinesHandlers = {
  chatMachineGraph: () => Effect.sync(chatMachineGraph),
  chatMachineState: ({ actor, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(actor, path.chat, "read")
      return yield* (yield* Inspection).now(row)
    }),
  chatTransitions: ({ actor, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(actor, path.chat, "read")
      const limit = urlParams.limit ?? DEFAULT_TRANSITIONS
      const page = { after: urlParams.after ?? 0, limit: limit + 1 }
      const rows = yield* (yield* Inspection).transitions(row.id, page)
      return {
        has_more: rows.length > limit,
        transitions: rows.slice(0, limit).map((transition) => ({
          version: transition.version,
          event: transition.event,
          detail: transition.detail,
          from: transition.from_activity,
          to: transition.to_activity,
          ...(transition.actor_user_id !== null && { actor_user_id: transition.actor_user_id }),
          epoch: transition.epoch,
          machine_version: transition.machine_version,
          ...(transition.duration_us !== null && { duration_us: transition.duration_us }),
          created_at: transition.created_at.toISOString(),
        })),
      }
    }),
  chatAtVersion: ({ actor, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(actor, path.chat, "read")
      return yield* (yield* Inspection).at(row, path.version)
    }),
} satisfies GroupHandlers<typeof MachinesRoutes, ChatAccess | Inspection>
