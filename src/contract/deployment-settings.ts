import { Schema } from "effect"
import { defineSetting } from "./define-setting.ts"
import { CapacityConfig, ToolPolicy, ToolPolicyConfig } from "./tool-policy.ts"

/** Every setting of the deployment. A new one is an entry here; who needs it asks `DeploymentSettings` for it. */

export const capacity = defineSetting({
  name: "capacity",
  key: "agents_chat_capacity",
  schema: CapacityConfig,
  default: { deployment: null, per_user: 200, per_organization: null },
  stored: Schema.rename(
    Schema.Struct({
      deployment: CapacityConfig.fields.deployment,
      perUser: CapacityConfig.fields.per_user,
      perOrganization: CapacityConfig.fields.per_organization,
    }),
    { perUser: "per_user", perOrganization: "per_organization" },
  ),
  requires: "deployment_config:read",
})

export const toolPolicy = defineSetting({
  name: "tool-policy",
  key: "agents_tool_policy",
  schema: ToolPolicyConfig,
  default: { rules: [] },
  // Never "run everything".
  unreadable: { rules: [{ pattern: "*", action: "ask" }] },
  stored: Schema.transform(ToolPolicy, Schema.typeSchema(ToolPolicyConfig), {
    strict: true,
    decode: (rules) => ({ rules }),
    encode: ({ rules }) => rules,
  }),
  requires: "deployment_config:read",
})

/** Whole days; 0 is for ever. */
const Days = Schema.Int.pipe(Schema.between(0, 3650))

/** How long the audit log is kept. */
export const auditRetention = defineSetting({
  name: "audit-retention",
  key: "audit_retention",
  schema: Schema.Struct({ retention_days: Days }),
  default: { retention_days: 0 },
  requires: "deployment_config:read",
})

/** When an account that nobody uses becomes dormant. */
export const userDormancy = defineSetting({
  name: "user-dormancy",
  key: "user_dormancy",
  schema: Schema.Struct({ dormant_after_days: Days }),
  default: { dormant_after_days: 90 },
  requires: "deployment_config:read",
})

export const deploymentSettings = [capacity, toolPolicy, auditRetention, userDormancy] as const
