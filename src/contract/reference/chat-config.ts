import type { ChatConfigRoutes } from "../routes/chat-config.ts"
import type { Reference } from "./reference.ts"

export const chatConfigReference: Reference<typeof ChatConfigRoutes> = {
  title: "Settings of the deployment",
  about: "What holds for everybody; administrators change it while the server runs.",
  endpoints: {
    getCapacity: {
      summary: "Get how many chats may work at once",
      description:
        "Slots of the deployment, of each user and of each organization; null is without a limit. A chat that finds none free is `pending`.",
      permission: "deployment_config:read",
      refusals: {},
      example: {},
    },
    putCapacity: {
      summary: "Set how many chats may work at once",
      description:
        "Counts from now on: chats that work already go on. All three limits are given; null is without one.",
      permission: "deployment_config:update",
      refusals: {},
      fields: {
        deployment: "Chats at work in the whole deployment, at least 1, or null.",
        per_user: "The same of one user.",
        per_organization: "The same of one organization.",
      },
      example: { payload: { deployment: 500, per_user: 200, per_organization: null } },
    },
    getToolPolicy: {
      summary: "Get the deployment's rules for tools",
      description: "They hold for every chat, beside the chat's own. The stricter of the two counts.",
      permission: "deployment_config:read",
      refusals: {},
      example: {},
    },
    putToolPolicy: {
      summary: "Set the deployment's rules for tools",
      description:
        "All rules from now on, at most 100; the first that fits a call counts. `auto` runs it, `ask` waits for a person, `deny` refuses it.",
      permission: "deployment_config:update",
      refusals: {},
      fields: {
        rules: "Each with a `pattern` of tool names, an `action`, and `args.command_prefix` for single commands.",
      },
      example: {
        payload: {
          rules: [
            { pattern: "execute", args: { command_prefix: ["git", "push"] }, action: "ask" },
            { pattern: "read_file", action: "auto" },
          ],
        },
      },
    },
    getAuditRetention: {
      summary: "Get how long the audit log is kept",
      description: "Days, after which entries are removed; 0 keeps them for ever.",
      permission: "deployment_config:read",
      refusals: {},
      example: {},
    },
    putAuditRetention: {
      summary: "Set how long the audit log is kept",
      description:
        "Older entries are removed within the hour, and cannot be brought back. The change is an entry itself.",
      permission: "deployment_config:update",
      refusals: {},
      fields: { retention_days: "Whole days, up to 3650; 0 keeps entries for ever." },
      example: { payload: { retention_days: 365 } },
    },
    getUserDormancy: {
      summary: "Get when accounts become dormant",
      description: "Days without a sign-in and without a call, after which an active account is `dormant`; 0 is never.",
      permission: "deployment_config:read",
      refusals: {},
      example: {},
    },
    putUserDormancy: {
      summary: "Set when accounts become dormant",
      description:
        "Accounts that have not been used for longer become dormant within the hour. Signing in makes one active again.",
      permission: "deployment_config:update",
      refusals: {},
      fields: { dormant_after_days: "Whole days, up to 3650; 0 is never." },
      example: { payload: { dormant_after_days: 90 } },
    },
  },
}
