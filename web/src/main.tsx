import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { ApiError, hasStatus } from "./api/client.ts"
import { meQuery } from "./api/queries.ts"
import { noteSessionEnd } from "./auth/session-end.ts"
import { takeSetupToken } from "./auth/setup-token.ts"
import { makeRouter, preloadPage } from "./router.tsx"
import "./styles/app.css"

const MAX_RETRIES = 2

/** The session ended while the page was open: the guard of the signed-in routes leads to the sign-in page. */
const onError = (error: unknown): void => {
  const wasSignedIn = queryClient.getQueryData(meQuery.queryKey) !== undefined
  if (!wasSignedIn || !hasStatus(error, 401)) return
  noteSessionEnd()
  queryClient.removeQueries({ queryKey: meQuery.queryKey })
  void router.invalidate()
}

const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      /** An answer below 500 will be the same the next time. */
      retry: (count, error) =>
        count < MAX_RETRIES && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

takeSetupToken()
preloadPage(window.location.pathname)
const router = makeRouter(queryClient)

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}

const show = (): void => {
  const root = document.getElementById("root")
  if (root === null) return
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}

// Until there is a page to show, the one of index.html stands. What cannot be loaded has a page as well.
router.load().then(show, show)
