import { Effect } from "effect"
import { deploymentSettings } from "../contract/deployment-settings.ts"
import type { Setting } from "../contract/define-setting.ts"
import type { ChatConfigRoutes } from "../contract/routes/chat-config.ts"
import { DeploymentSettings } from "../db/deployment/deployment-settings.ts"
import { SettingChanges } from "../identity/audit/setting-changes.ts"
import type { Caller } from "../identity/policy.ts"
import type { GroupHandlers } from "./mount.ts"

/** The two handlers of every setting of the deployment. */

type AnySetting = Setting<object> & Record<"get" | "put", { readonly name: string }>

const handlersOf = (setting: AnySetting) => ({
  [setting.get.name]: () =>
    Effect.gen(function* () {
      const { value, isMalformed } = yield* (yield* DeploymentSettings).find(setting)
      return isMalformed ? { ...value, is_malformed: true } : value
    }),
  [setting.put.name]: ({ caller, payload }: { readonly caller: Caller; readonly payload: object }) =>
    Effect.flatMap(SettingChanges, ({ change }) => change(setting, payload, caller.userId)),
})

// By name and schema they are what each setting has declared: the same loop over the same list has made the endpoints.
export const chatConfigHandlers = Object.assign({}, ...deploymentSettings.map(handlersOf)) as GroupHandlers<
  typeof ChatConfigRoutes,
  DeploymentSettings | SettingChanges
>
