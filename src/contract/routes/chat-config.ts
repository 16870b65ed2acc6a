import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Forbidden } from "../errors.ts"
import { CapacityConfig, ToolPolicyConfig } from "../tool-policy.ts"
import { Requires } from "./access.ts"

/** Settings of the deployment for all chats. */
export const ChatConfigRoutes = HttpApiGroup.make("chatConfig")
  .add(
    HttpApiEndpoint.get("getCapacity", "/chats/config/capacity")
      .addSuccess(CapacityConfig)
      .addError(Forbidden)
      .annotate(Requires, "deployment_config:read"),
  )
  .add(
    HttpApiEndpoint.put("putCapacity", "/chats/config/capacity")
      .setPayload(CapacityConfig)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .annotate(Requires, "deployment_config:update"),
  )
  .add(
    HttpApiEndpoint.get("getToolPolicy", "/chats/config/tool-policy")
      .addSuccess(ToolPolicyConfig)
      .addError(Forbidden)
      .annotate(Requires, "deployment_config:read"),
  )
  .add(
    HttpApiEndpoint.put("putToolPolicy", "/chats/config/tool-policy")
      .setPayload(ToolPolicyConfig)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .annotate(Requires, "deployment_config:update"),
  )
