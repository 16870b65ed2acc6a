import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../contract/ids.ts"
import { capacity } from "../../contract/deployment-settings.ts"
import type { Capacity } from "../../db/chats/admission.ts"
import { DeploymentSettings } from "../../db/deployment/deployment-settings.ts"

/** Room for running chats: the setting, as the ledger of slots counts it. */
export class CapacityLimits extends Context.Tag("troupe/CapacityLimits")<
  CapacityLimits,
  {
    readonly read: Effect.Effect<Capacity>
    readonly write: (capacity: Capacity, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    CapacityLimits,
    Effect.map(DeploymentSettings, ({ read, write }) => ({
      read: Effect.map(read(capacity), ({ deployment, per_user: perUser, per_organization: perOrganization }) => ({
        deployment,
        perUser,
        perOrganization,
      })),
      write: ({ deployment, perUser, perOrganization }, userId) =>
        write(capacity, { deployment, per_user: perUser, per_organization: perOrganization }, userId),
    })),
  )
}
