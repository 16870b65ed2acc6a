import { HttpApi } from "@effect/platform"
import { expect, it } from "vitest"
import { TroupeApi } from "../../../src/contract/api.ts"
import { routes } from "./routes.ts"

it("has the methods and paths that the contract declares", () => {
  const declared = new Map<string, readonly [string, string]>()
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      declared.set(endpoint.name, [endpoint.method, endpoint.path.replace(/^\/api\/v2/, "")])
    },
  })
  for (const [name, route] of Object.entries(routes)) expect([name, route]).toEqual([name, declared.get(name)])
})
