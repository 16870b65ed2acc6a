import { HttpApiGroup } from "@effect/platform"
import { deploymentSettings } from "../deployment-settings.ts"
import { TokenScope } from "./access.ts"

type SettingEndpoint = (typeof deploymentSettings)[number]["get" | "put"]

/** Settings of the deployment for all chats: two routes for each that `deployment-settings.ts` lists. */
export const ChatConfigRoutes = deploymentSettings.reduce<
  HttpApiGroup.HttpApiGroup<"chatConfig", SettingEndpoint, never>
>(
  (group, { get, put }) => group.add(get).add(put),
  HttpApiGroup.make("chatConfig").annotate(TokenScope, "deployment_config"),
)
