import { HttpApi } from "@effect/platform"
import { expect, it } from "vitest"
import { TroupeApi } from "../../../src/contract/api.ts"
import { routes } from "./routes.ts"

it("names method and path of every declared route, and no other", () => {
  const declared: Record<string, readonly [string, string]> = {}
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      declared[endpoint.name] = [endpoint.method, endpoint.path.replace(/^\/api\/v2/, "")]
    },
  })
  expect(routes).toEqual(declared)
})
