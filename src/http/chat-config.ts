import { Effect } from "effect"
import { Admission } from "../actors/host/admission.ts"
import { CapacityLimits } from "../actors/host/capacity-limits.ts"
import type { ChatConfigRoutes } from "../contract/routes/chat-config.ts"
import { ToolPolicies } from "../turn/tool-policies.ts"
import { afterTransaction } from "../db/engine/transaction.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatConfigHandlers = {
  getCapacity: () =>
    Effect.gen(function* () {
      const capacity = yield* (yield* CapacityLimits).read
      return {
        deployment: capacity.deployment,
        per_user: capacity.perUser,
        per_organization: capacity.perOrganization,
      }
    }),
  putCapacity: ({ caller, payload }) =>
    Effect.gen(function* () {
      const capacity = {
        deployment: payload.deployment,
        perUser: payload.per_user,
        perOrganization: payload.per_organization,
      }
      yield* (yield* CapacityLimits).write(capacity, caller.userId)
      // Whoever waits may have room by now.
      const { ring } = yield* Admission
      yield* afterTransaction(Effect.sync(ring))
    }),
  getToolPolicy: () =>
    Effect.gen(function* () {
      return { rules: yield* (yield* ToolPolicies).deployment }
    }),
  putToolPolicy: ({ caller, payload }) =>
    Effect.gen(function* () {
      yield* (yield* ToolPolicies).setDeployment(payload.rules, caller.userId)
    }),
} satisfies GroupHandlers<typeof ChatConfigRoutes, Admission | CapacityLimits | ToolPolicies>
