import type { UsersRoutes } from "../routes/users.ts"
import type { Reference } from "./reference.ts"

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
    listOrganizations: {
      summary: "List the organizations that you can see",
      description: "Your own; all of them for those who administer users. A chat is made in one of them.",
      permission: "session",
      refusals: {},
      example: {},
    },
  },
}
