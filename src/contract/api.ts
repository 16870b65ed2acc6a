import { HttpApi, type HttpApiError, type HttpApiGroup, OpenApi } from "@effect/platform"

/**
 * The API of these groups of REST routes. The Express routers, the OpenAPI document and the typed client are made of it;
 * `http/families.ts` lists the groups that there are. Streams (`/chats/{chat}/stream`, `/chats/watch`) are described in `stream.ts`.
 */
export const troupeApi = <Groups extends HttpApiGroup.HttpApiGroup.Any>(groups: ReadonlyArray<Groups>) =>
  groups
    .reduce<HttpApi.HttpApi<"troupe", Groups, HttpApiError.HttpApiDecodeError>>(
      (api, group) => api.add(group),
      HttpApi.make("troupe"),
    )
    .prefix("/api/v2")
    .annotate(OpenApi.Title, "Troupe")
    .annotate(OpenApi.Version, "2")
    .annotate(OpenApi.License, { name: "Apache-2.0" })
