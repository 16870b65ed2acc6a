import { HttpApi, OpenApi } from "@effect/platform"
import { ApprovalsRoutes } from "./routes/approvals.ts"
import { ChatContextsRoutes } from "./routes/chat-contexts.ts"
import { ChatConfigRoutes } from "./routes/chat-config.ts"
import { ChatAttributesRoutes } from "./routes/chat-attributes.ts"
import { ChatHistoryRoutes } from "./routes/chat-history.ts"
import { ChatQueueRoutes } from "./routes/chat-queue.ts"
import { ChatsRoutes } from "./routes/chats.ts"
import { ClientToolsRoutes } from "./routes/client-tools.ts"
import { MachinesRoutes } from "./routes/machines.ts"
import { ModelsRoutes } from "./routes/models.ts"
import { UsersRoutes } from "./routes/users.ts"

/**
 * Every REST route, declared once. The Express routers, the OpenAPI document, the typed client and the web are made from
 * this. Streams (`/chats/{chat}/stream`, `/chats/watch`) are described in `stream.ts`.
 */
export const TroupeApi = HttpApi.make("troupe")
  .add(UsersRoutes)
  .add(ModelsRoutes)
  .add(ChatsRoutes)
  .add(ChatAttributesRoutes)
  .add(ChatHistoryRoutes)
  .add(ChatContextsRoutes)
  .add(ChatQueueRoutes)
  .add(ClientToolsRoutes)
  .add(MachinesRoutes)
  .add(ApprovalsRoutes)
  .add(ChatConfigRoutes)
  .prefix("/api/v2")
  .annotate(OpenApi.Title, "Troupe")
  .annotate(OpenApi.Version, "2")
  .annotate(OpenApi.License, { name: "Apache-2.0" })
