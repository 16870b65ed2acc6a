import { queryOptions } from "@tanstack/react-query"
import { read } from "../api/client.ts"
import { apiReference, type AsyncApiDocument, type OpenApiDocument } from "./api-document.ts"

/** Read once: it changes with the server's version only. */
export const apiReferenceQuery = queryOptions({
  queryKey: ["api-reference"],
  queryFn: async ({ signal }) => {
    const [openApi, asyncApi] = await Promise.all([
      read<OpenApiDocument>("/openapi.json", signal),
      read<AsyncApiDocument>("/asyncapi.json", signal),
    ])
    return apiReference(openApi, asyncApi)
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
})
