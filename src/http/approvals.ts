import { Effect } from "effect"
import { Approvals } from "../chats/approvals.ts"
import type { ApprovalsRoutes } from "../contract/routes/approvals.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const approvalsHandlers = {
  listApprovals: ({ caller, path }) =>
    Effect.gen(function* () {
      return { approvals: yield* (yield* Approvals).list(caller, path.chat) }
    }),
  decideApprovals: ({ caller, path, payload, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/approvals`, payload)
      yield* (yield* Approvals).decide(caller, path.chat, payload, key)
    }),
} satisfies GroupHandlers<typeof ApprovalsRoutes, Approvals>
