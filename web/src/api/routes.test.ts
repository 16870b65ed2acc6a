import { expect, it } from "vitest"
import { paths } from "../../../docs/openapi.json"
import { routes } from "./routes.ts"

it("has the methods and paths that the contract declares", () => {
  const declared = new Map<string | undefined, readonly [string, string]>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      const parameters = path.replace(/^\/api\/v2/, "").replace(/\{(\w+)\}/g, ":$1")
      declared.set(operationId.split(".").at(-1), [method.toUpperCase(), parameters])
    }
  }
  for (const [name, route] of Object.entries(routes)) expect([name, route]).toEqual([name, declared.get(name)])
})
