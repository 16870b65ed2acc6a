import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Matches,
  RouterContextProvider,
} from "@tanstack/react-router"
import { createRoot } from "react-dom/client"
import {
  archivedChatsQuery,
  chatQuery,
  chatsQuery,
  meQuery,
  modelConfigsQuery,
  sharedChatsQuery,
} from "../api/queries.ts"
import { mayChatQuery } from "../auth/may-chat.ts"
import { Toasts } from "../ui/toasts.tsx"
import { archivedChats, chats, me, models, sharedChats } from "./fixtures.ts"
import { Gallery } from "./gallery.tsx"
import { LiveTrace } from "./live-trace.tsx"
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
queryClient.setQueryData(chatsQuery.queryKey, { pages: [{ chats, next: undefined }], pageParams: [undefined] })
queryClient.setQueryData(archivedChatsQuery.queryKey, {
  pages: [{ chats: archivedChats, next: undefined }],
  pageParams: [undefined],
})
queryClient.setQueryData(sharedChatsQuery.queryKey, {
  pages: [{ chats: sharedChats, next: undefined }],
  pageParams: [undefined],
})
queryClient.setQueryData(modelConfigsQuery.queryKey, models)
queryClient.setQueryData(mayChatQuery.queryKey, false)
for (const chat of chats) queryClient.setQueryData(chatQuery(chat.id).queryKey, chat)

/** The components of a chat ask its route which chat it is, so the gallery stands where a chat would. */
const root = createRootRoute()
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in" })
const layout = createRoute({ getParentRoute: () => signedIn, id: "chats-layout" })
const live = new URLSearchParams(window.location.search).get("chat")
const Shown = () => (live === null ? <Gallery /> : <LiveTrace chat={live} />)
const gallery = createRoute({ getParentRoute: () => layout, path: "/agents/$chatId", component: Shown })
const router = createRouter({
  routeTree: root.addChildren([signedIn.addChildren([layout.addChildren([gallery])])]),
  history: createMemoryHistory({ initialEntries: [`/agents/${chats[0]?.id}`] }),
})

const place = document.getElementById("root")
if (place !== null) {
  createRoot(place).render(
    <QueryClientProvider client={queryClient}>
      <RouterContextProvider router={router}>
        <Matches />
      </RouterContextProvider>
      <Toasts />
    </QueryClientProvider>,
  )
}
