import express, { type Router } from "express"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import path from "node:path"
import { API_PREFIX } from "./mount.ts"
import { asyncApiDocument } from "./asyncapi.ts"
import { fixedText } from "./content-encoding.ts"
import { openApiDocument } from "./openapi.ts"

/** Everything comes from this server and no script stands in the page, so that the content security policy holds. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Troupe API reference</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/api/swagger-ui.css">
  </head>
  <body>
    <main id="reference"></main>
    <script src="/docs/api/swagger-ui-bundle.js"></script>
    <script src="/docs/api/start.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({
  url: "${API_PREFIX}/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
})
`

const ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js"]

/** `/api/v2/openapi.json`, `/api/v2/asyncapi.json` and the reference page `/docs/api`. None needs a session. */
export const referencePage = (): Router => {
  const router = express.Router()
  const folder = path.dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"))
  // Made when first asked for: it costs tens of milliseconds that the start does not have.
  const document = () => JSON.stringify(openApiDocument())
  const streams = () => JSON.stringify(asyncApiDocument())

  router.get(`${API_PREFIX}/openapi.json`, fixedText("json", document))
  router.get(`${API_PREFIX}/asyncapi.json`, fixedText("json", streams))
  router.get(
    "/docs/api",
    fixedText("html", () => page),
  )
  router.get(
    "/docs/api/start.js",
    fixedText("js", () => start),
  )
  for (const asset of ASSETS) {
    router.get(
      `/docs/api/${asset}`,
      (_request, response, next) => {
        response.setHeader("cache-control", "public, max-age=86400")
        next()
      },
      fixedText(path.extname(asset), () => readFile(path.join(folder, asset), "utf8")),
    )
  }
  return router
}
