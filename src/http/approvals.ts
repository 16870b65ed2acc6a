import { Effect } from "effect"
import { Approvals } from "../chats/approvals.ts"
import type { ApprovalsRoutes } from "../contract/routes/approvals.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const approvalsHandlers = {
  listApprovals: ({ actor, path }) =>
    Effect.gen(function* () {
      return { approvals: yield* (yield* Approvals).list(actor, path.chat) }
    }),
  decideApprovals: ({ actor, path, payload, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/approvals`, payload)
      yield* (yield* Approvals).decide(actor, path.chat, payload, key)
    }),
} satisfies GroupHandlers<typeof ApprovalsRoutes, Approvals>
