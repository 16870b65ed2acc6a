import { Context, Effect, Layer } from "effect"
import type { Setting } from "../../contract/define-setting.ts"
import type { UserId } from "../../contract/ids.ts"
import { DeploymentSettings } from "../../db/deployment/deployment-settings.ts"
import { Transactions } from "../../db/engine/transactions.ts"
import { Audit } from "./audit.ts"

/** The one way in which people change a setting of the deployment, so that one that is added later is written down as well. */
export class SettingChanges extends Context.Tag("troupe/SettingChanges")<
  SettingChanges,
  {
    readonly change: <Value>(setting: Setting<Value>, value: Value, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SettingChanges,
    Effect.gen(function* () {
      const settings = yield* DeploymentSettings
      const audit = yield* Audit
      const { run } = yield* Transactions
      return {
        change: <Value>(setting: Setting<Value>, value: Value, userId: UserId) =>
          run(
            Effect.gen(function* () {
              const before = yield* settings.lock(setting)
              yield* settings.write(setting, value, userId)
              yield* audit.record({
                type: "deployment_setting",
                id: setting.key,
                target: setting.key,
                organizationId: null,
                action: "write",
                before: { value: before },
                after: { value },
              })
            }),
          ).pipe(Effect.withSpan("SettingChanges.change")),
      }
    }),
  )
}
