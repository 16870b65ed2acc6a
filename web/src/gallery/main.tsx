import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router"
import { createRoot } from "react-dom/client"
import { chatsQuery, meQuery, modelConfigsQuery } from "../api/queries.ts"
import { Toasts } from "../ui/toasts.tsx"
import { chats, me, models } from "./fixtures.ts"
import { Gallery } from "./gallery.tsx"
import "../styles/app.css"

/**
 * Every component of the interface in every state, from fixtures and without a server: what is changed is looked at here, in
 * both themes and at both widths. For development only; no page of the app leads here and no build holds it. Open it at
 * `/gallery.html` of the development server.
 */

const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
})
queryClient.setQueryData(meQuery.queryKey, me)
queryClient.setQueryData(chatsQuery.queryKey, chats)
queryClient.setQueryData(modelConfigsQuery.queryKey, models)

const router = createRouter({
  routeTree: createRootRoute({ component: Gallery, notFoundComponent: Gallery }),
  history: createMemoryHistory({ initialEntries: ["/"] }),
})

const root = document.getElementById("root")
if (root !== null) {
  createRoot(root).render(
    <QueryClientProvider client={queryClient}>
      {/* The links of the app lead to its routes, which are not here. */}
      <RouterProvider router={router as never} />
      <Toasts />
    </QueryClientProvider>,
  )
}
