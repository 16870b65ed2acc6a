import type { QueryClient } from "@tanstack/react-query"
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router"
import { hasStatus } from "./api/client.ts"
import { meQuery } from "./api/queries.ts"
import { mayChatQuery } from "./auth/may-chat.ts"
import { returnPathIn } from "./auth/return-path.ts"
import { ChatsLayout, NoChatOpen } from "./shell/chats-layout.tsx"
import { Shell } from "./shell/shell.tsx"
import { versionedAddress } from "./trace/versioned-address.ts"
import { readListSearch, readOrganizationSearch } from "./settings/people/list-search.ts"
import { lazyPage } from "./ui/lazy-page.tsx"
import { PageError, PageNotFound, PagePending, PartError } from "./ui/page-states.tsx"
import { Toasts } from "./ui/toasts.tsx"

const rootRoute = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: PageNotFound,
})

const signInPage = lazyPage("The sign-in page", async () => (await import("./auth/sign-in-page.tsx")).SignInPage)

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  /**
   * `return` is where to go after signing in; only paths of this app are taken. What is left out here would stay as it came in the
   * address, so that nothing is said instead.
   */
  validateSearch: (search): { return?: string | undefined } => ({ return: returnPathIn(search["return"]) }),
  beforeLoad: async ({ context, search }) => {
    const signedIn = await context.queryClient.ensureQueryData(meQuery).then(
      () => true,
      () => false,
    )
    if (signedIn) throw redirect({ href: search.return ?? "/agents", replace: true })
  },
  ...signInPage,
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    await context.queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (hasStatus(error, 401)) throw redirect({ to: "/login", search: { return: location.href }, replace: true })
      throw error
    })
    // So that nothing is offered that is taken away a moment later. Without an answer, the server refuses where it must.
    await context.queryClient.ensureQueryData(mayChatQuery).catch(() => undefined)
  },
  pendingComponent: PagePending,
  errorComponent: PageError,
  component: Shell,
})

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/agents", replace: true })
  },
})

const stagePage = lazyPage("Stage", async () => (await import("./stage/stage-page.tsx")).StagePage)

const stageRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/agents",
  ...stagePage,
})

const chatsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: "chats-layout",
  component: ChatsLayout,
})

const noChatRoute = createRoute({
  getParentRoute: () => chatsRoute,
  path: "/chats",
  component: NoChatOpen,
})

const chatPage = lazyPage("The chat", async () => (await import("./chat/chat-page.tsx")).ChatPage)

const chatRoute = createRoute({
  getParentRoute: () => chatsRoute,
  path: "/agents/$chatId",
  ...chatPage,
})

const tracePage = lazyPage("Trace", async () => (await import("./trace/trace-page.tsx")).TracePage)

/** Its address is `/agents/ID@41`, or `/agents/ID/trace` for the chat as it is now; see `versionedAddress`. */
const traceRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/agents/$chatId/trace/{-$version}",
  ...tracePage,
})

/** Begins to load the page of an address, which need not wait for the answer to who is signed in. */
export const preloadPage = (path: string): void => {
  if (/^\/agents\/[^/]+(@|\/trace)/.test(path)) void tracePage.loader()
  else if (/^\/agents\/./.test(path)) void chatPage.loader()
  else if (path.startsWith("/login")) void signInPage.loader()
  else if (/^\/(agents\/?)?$/.test(path)) void stagePage.loader()
}

const libraryRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/library",
  ...lazyPage("The library", async () => (await import("./library/library-page.tsx")).LibraryPage),
})

const apiRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/docs/api",
  ...lazyPage("The API", async () => (await import("./reference/api-page.tsx")).ApiPage),
})

/** What of it is open is for the page itself to say, which stays while one goes from one to the next. */
const apiStartRoute = createRoute({ getParentRoute: () => apiRoute, path: "/" })
const apiOperationRoute = createRoute({ getParentRoute: () => apiRoute, path: "$operation" })

const accessRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/docs/access",
  ...lazyPage("The page", async () => (await import("./auth/access-page.tsx")).AccessPage),
})

const traceFileRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/trace-file",
  ...lazyPage("Trace files", async () => (await import("./trace/file/trace-file-page.tsx")).TraceFilePage),
})

const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/settings",
  ...lazyPage("The settings", async () => (await import("./shell/settings-layout.tsx")).SettingsLayout),
})

const settingsIndexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  ...lazyPage("The settings", async () => (await import("./settings/account-page.tsx")).AccountPage),
})

const accountRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/account",
  ...lazyPage("The account", async () => (await import("./settings/account-page.tsx")).AccountPage),
})

const appearanceRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/appearance",
  ...lazyPage("The appearance", async () => (await import("./settings/appearance-page.tsx")).AppearancePage),
})

const passwordRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/password",
  ...lazyPage("The password", async () => (await import("./settings/password-page.tsx")).PasswordPage),
})

const sessionsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/sessions",
  ...lazyPage("The sessions", async () => (await import("./settings/sessions-page.tsx")).SessionsPage),
})

const tokensRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/tokens",
  ...lazyPage("The tokens", async () => (await import("./settings/tokens-page.tsx")).TokensPage),
})

const keysRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/keys",
  ...lazyPage("The map of keys", async () => (await import("./settings/keys-page.tsx")).KeysPage),
})

const modelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/models",
  ...lazyPage("The settings", async () => (await import("./settings/models-page.tsx")).ModelsPage),
})

const usersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/users",
  validateSearch: readListSearch,
  ...lazyPage("The users", async () => (await import("./settings/people/accounts-page.tsx")).UsersPage),
})

const serviceAccountsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/service-accounts",
  validateSearch: readListSearch,
  ...lazyPage(
    "The service accounts",
    async () => (await import("./settings/people/accounts-page.tsx")).ServiceAccountsPage,
  ),
})

const userRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/users/$user",
  ...lazyPage("The user", async () => (await import("./settings/people/user-page.tsx")).UserPage),
})

const groupsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/groups",
  validateSearch: readOrganizationSearch,
  ...lazyPage("The groups", async () => (await import("./settings/people/groups-page.tsx")).GroupsPage),
})

const groupRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/groups/$group",
  ...lazyPage("The group", async () => (await import("./settings/people/group-page.tsx")).GroupPage),
})

const organizationsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/organizations",
  ...lazyPage(
    "The organizations",
    async () => (await import("./settings/people/organizations-page.tsx")).OrganizationsPage,
  ),
})

const organizationRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/organizations/$organization",
  ...lazyPage(
    "The organization",
    async () => (await import("./settings/people/organization-page.tsx")).OrganizationPage,
  ),
})

const rolesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/roles",
  validateSearch: readOrganizationSearch,
  ...lazyPage("The roles", async () => (await import("./settings/people/roles-page.tsx")).RolesPage),
})

const auditRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/audit",
  validateSearch: readListSearch,
  ...lazyPage("The audit log", async () => (await import("./settings/audit/audit-page.tsx")).AuditPage),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([
    homeRoute,
    stageRoute,
    chatsRoute.addChildren([noChatRoute, chatRoute]),
    traceRoute,
    libraryRoute,
    apiRoute.addChildren([apiStartRoute, apiOperationRoute]),
    accessRoute,
    traceFileRoute,
    settingsRoute.addChildren([
      settingsIndexRoute,
      accountRoute,
      passwordRoute,
      sessionsRoute,
      tokensRoute,
      appearanceRoute,
      keysRoute,
      modelsRoute,
      usersRoute,
      userRoute,
      serviceAccountsRoute,
      groupsRoute,
      groupRoute,
      organizationsRoute,
      organizationRoute,
      rolesRoute,
      auditRoute,
    ]),
  ]),
])

export const makeRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    rewrite: versionedAddress,
    defaultPreload: "intent",
    defaultPendingMs: 200,
    defaultErrorComponent: PartError,
    defaultNotFoundComponent: PageNotFound,
  })
