import { Effect } from "effect"
import { Approvals } from "../chats/approvals.ts"
import type { ApprovalsRoutes } from "../contract/routes/approvals.ts"
import type { GroupHandlers } from "./mount.ts"

export const approvalsHandlers = {
  listApprovals: ({ caller, path }) =>
    Effect.gen(function* () {
      return { approvals: yield* (yield* Approvals).list(caller, path.chat) }
    }),
  getChatToolPolicy: ({ caller, path }) =>
    Effect.gen(function* () {
      return { rules: yield* (yield* Approvals).rules(caller, path.chat) }
    }),
  decideApprovals: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* Approvals).decide(caller, path.chat, payload, idempotency)
    }),
} satisfies GroupHandlers<typeof ApprovalsRoutes, Approvals>
