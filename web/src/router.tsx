import type { QueryClient } from "@tanstack/react-query"
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router"
import { hasStatus } from "./api/client.ts"
import { meQuery } from "./api/queries.ts"
import { SignInPage } from "./auth/sign-in-page.tsx"
import { NewChatPage } from "./chat/new-chat-page.tsx"
import { Shell } from "./shell/shell.tsx"
import { PageError, PageNotFound, PagePending } from "./ui/page-states.tsx"
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

const isLocalPath = (path: string): boolean => /^\/(?![/\\])/.test(path)

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  /** `return` is where to go after signing in; only paths of this app are taken. */
  validateSearch: (search): { return?: string } => {
    const path = search["return"]
    return typeof path === "string" && isLocalPath(path) ? { return: path } : {}
  },
  component: SignInPage,
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    await context.queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (hasStatus(error, 401)) throw redirect({ to: "/login", search: { return: location.href }, replace: true })
      throw error
    })
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

const newChatRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/agents",
  component: NewChatPage,
})

const chatRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/agents/$chatId",
  component: lazyRouteComponent(() => import("./chat/chat-page.tsx"), "ChatPage"),
})

const modelsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/settings/models",
  component: lazyRouteComponent(() => import("./settings/models-page.tsx"), "ModelsPage"),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([homeRoute, newChatRoute, chatRoute, modelsRoute]),
])

export const makeRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPendingMs: 200,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: PageNotFound,
  })
