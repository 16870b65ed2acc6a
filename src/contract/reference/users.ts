import type { UsersRoutes } from "../routes/users.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_USER } from "./words.ts"

export const usersReference: Reference<typeof UsersRoutes> = {
  title: "Users and sessions",
  about: "The first account, signing in and out, and who one is.",
  endpoints: {
    firstUserState: {
      summary: "Ask whether the first account is still to be made",
      description:
        "True until somebody has made the first account of the deployment. The page for signing in asks it; nothing else is told to strangers.",
      permission: "anyone",
      refusals: {},
      example: {},
    },
    createFirstUser: {
      summary: "Make the first account of the deployment",
      description:
        "Makes the owner of a new deployment and its default organization. Works once. The setup token stands at the end of the URL that the server prints when it starts; the password has at least 10 characters and is none of those that are tried first.",
      permission: "anyone",
      refusals: {
        403: "The setup token is missing or wrong.",
        409: "There is an account already: sign in instead.",
      },
      secrets: ["password", "setup_token"],
      fields: {
        email: "Its address, by which one signs in; at most 254 characters.",
        username: "Letters and digits with single dashes between; at most 32 characters.",
        password: "10 to 256 characters.",
        name: "What people call the person.",
        setup_token: "What the server printed when it started, after `#setup=`.",
      },
      example: {
        payload: {
          email: "ada@example.com",
          username: "ada",
          password: "a long password of yours",
          name: "Ada",
          setup_token: "the token of the printed URL",
        },
      },
    },
    login: {
      summary: "Sign in and get a session token",
      description:
        "Answers with a session token, to be sent as `Coder-Session-Token` or as a bearer token, and sets the cookie of browsers. A session lives for 24 hours from its last use. After 10 failed tries in a minute for one account, or 30 from one address, further ones wait.",
      permission: "anyone",
      refusals: {
        401: "The address or the password is wrong, or the account is suspended.",
        403: "The request came from a page of another site.",
        409: "The Idempotency-Key was used before: a token is never given twice.",
        429: "Too many tries; `Retry-After` says how long to wait.",
      },
      secrets: ["password", "session_token"],
      fields: { email: "The address of the account; case does not count.", password: "Its password." },
      example: { payload: { email: "ada@example.com", password: "a long password of yours" } },
    },
    logout: {
      summary: "Sign out: end the session of this call",
      description: "The token of this call is worth nothing from now on, and streams that it opened end. Others go on.",
      permission: "session",
      refusals: {},
      example: {},
    },
    getUser: {
      summary: "Get a user",
      description: "Name, address, organizations and roles. `me` is whoever asks, and the way to try a token.",
      permission: "session",
      refusals: { 404: "There is no such user, or you may not see it: one's own is always seen." },
      example: { path: { user: "me" } },
    },
    listUsers: {
      summary: "List and search users",
      description:
        "Accounts by username, with how many there are in all. Words are searched in username, address and name; `status:`, `role:`, `login_type:`, `service_account:`, `last_seen_before:`, `last_seen_after:`, `created_before:` and `created_after:` narrow it. Read on with `after_id` of the last one.",
      permission: "user:read",
      refusals: { 403: "Only administrators may list the accounts." },
      query: {
        q: "What is searched for: `status:active ada`. A key that is not served is refused with 400.",
        limit: "How many at most: up to 1000, 0 for all of them. Left out, 100.",
        offset: "How many to pass over. `after_id` is the better way to read on.",
        after_id: "Those that come after this account.",
      },
      example: { urlParams: { q: "status:active", limit: 20 } },
    },
    createUser: {
      summary: "Create a user or a service account",
      description:
        "A person signs in with address and password, and is given the role agents-access in its organizations. A service account has neither, works by API token only, and is given roles by somebody.",
      permission: "user:update",
      refusals: {
        403: "Only administrators of users may add one.",
        409: "Somebody else has this username or this address.",
      },
      secrets: ["password"],
      fields: {
        username: "Letters and digits with single dashes between; at most 32 characters.",
        email: "Its address, by which a person signs in. Left out for a service account.",
        name: "What people call the person; at most 128 characters.",
        password: "10 to 256 characters, and none of those that are tried first.",
        login_type: "`password`, or `none` for an account that signs in by API token only.",
        organization_ids: "Where it belongs to. Left out, the default organization.",
        user_status: "`dormant` until it signs in, or `active` at once. Left out, dormant.",
        service_account: "true for an account of a program.",
      },
      example: {
        payload: { username: "grace", email: "grace@example.com", name: "Grace", password: "a long password of hers" },
      },
    },
    deleteUser: {
      summary: "Delete a user",
      description:
        "Ends its sessions and tokens, takes it out of its organizations, and gives its names free. What it made stays, for history and cost. Not for oneself, nor for the last owner.",
      permission: "user:update",
      refusals: {
        403: "You may see this account and not delete it.",
        404: NO_SUCH_USER,
        409: "It is the last owner: make somebody else one first.",
      },
      example: { path: { user: PLACEHOLDERS.user.value } },
    },
    updateUserProfile: {
      summary: "Change a user's names",
      description: "Username and name are one's own to change; the address is changed by administrators of users.",
      permission: "user:update_personal",
      refusals: {
        403: "You may see this account and not change this of it.",
        404: NO_SUCH_USER,
        409: "Somebody else has this username or this address.",
      },
      fields: {
        username: "Letters and digits with single dashes between; at most 32 characters.",
        name: "What people call the person; at most 128 characters.",
        email: "Its address. By administrators of users only.",
      },
      example: { path: { user: PLACEHOLDERS.user.value }, payload: { username: "grace-h", name: "Grace H." } },
    },
    suspendUser: {
      summary: "Suspend a user",
      description:
        "Nobody signs in with it any more: sessions and tokens are refused and open streams end, within a second. Nothing is lost. Not for oneself, nor for the last owner.",
      permission: "user:update",
      refusals: {
        403: "You may see this account and not change it.",
        404: NO_SUCH_USER,
        409: "It is the last owner: make somebody else one first.",
      },
      example: { path: { user: PLACEHOLDERS.user.value } },
    },
    activateUser: {
      summary: "Activate a user",
      description: "An account that was suspended, or is dormant, signs in again.",
      permission: "user:update",
      refusals: {
        403: "You may see this account and not change it.",
        404: NO_SUCH_USER,
        409: "Not as things are.",
      },
      example: { path: { user: PLACEHOLDERS.user.value } },
    },
    changePassword: {
      summary: "Change a password",
      description:
        "One's own with the present one; another's by administrators of users without. All its other sessions end.",
      permission: "user:update_personal",
      refusals: {
        403: "You may see this account and not change its password.",
        404: NO_SUCH_USER,
        409: "Not as things are.",
        429: "Too many passwords are being checked; `Retry-After` says how long to wait.",
      },
      secrets: ["password", "old_password"],
      fields: {
        password: "The new one: 10 to 256 characters, and none of those that are tried first.",
        old_password: "The present one. Must be given for one's own account.",
      },
      example: { path: { user: PLACEHOLDERS.user.value }, payload: { password: "quite another long password" } },
    },
    getUserRoles: {
      summary: "Get a user's roles",
      description: "Names of its roles in the deployment, and in each organization that it belongs to.",
      permission: "user:read",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    setUserRoles: {
      summary: "Set a user's roles in the deployment",
      description: "All that it has afterwards. Not one's own, and never so that no owner is left.",
      permission: "assign_role:assign",
      refusals: {
        403: "Only owners may change the roles of the deployment.",
        404: NO_SUCH_USER,
        409: "It is the last owner: make somebody else one first.",
      },
      fields: { roles: "Names of built-in or custom roles of the deployment." },
      example: { path: { user: PLACEHOLDERS.user.value }, payload: { roles: ["auditor"] } },
    },
    listUserOrganizations: {
      summary: "List the organizations of a user",
      description: "Those that it belongs to and that you can see.",
      permission: "user:read",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    getUserAppearance: {
      summary: "Get how a user wants the pages to look",
      description: "Theme and font, as the person chose them.",
      permission: "user:update_personal",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    setUserAppearance: {
      summary: "Set how a user wants the pages to look",
      description: "Kept with the account, so that it holds in every browser.",
      permission: "user:update_personal",
      refusals: { 403: "You may see this account and not change it.", 404: NO_SUCH_USER },
      fields: {
        theme_preference: "`light`, `dark`, `auto`, or the empty text for none.",
        terminal_font: "Name of a font; at most 64 characters.",
      },
      example: { path: { user: "me" }, payload: { theme_preference: "dark" } },
    },
    getUserPreferences: {
      summary: "Get what a user chose for the pages",
      description: "Notices that were put away, and the like.",
      permission: "user:update_personal",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    setUserPreferences: {
      summary: "Set what a user chose for the pages",
      description: "Kept with the account, so that it holds in every browser.",
      permission: "user:update_personal",
      refusals: { 403: "You may see this account and not change it.", 404: NO_SUCH_USER },
      fields: { task_notification_alert_dismissed: "Whether the notice about notifications was put away." },
      example: { path: { user: "me" }, payload: { task_notification_alert_dismissed: true } },
    },
  },
}
