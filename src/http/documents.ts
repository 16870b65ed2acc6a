import express, { type Router } from "express"
import { asyncApiDocument } from "./asyncapi.ts"
import { fixedText } from "./content-encoding.ts"
import { API_PREFIX } from "./mount.ts"
import { openApiDocument } from "./openapi.ts"

/**
 * `/api/v2/openapi.json` and `/api/v2/asyncapi.json`, for programs: neither needs a session. For people the web app shows them at
 * `/docs/api`, where `/docs` leads.
 */
export const documents = (): Router => {
  const router = express.Router()
  // Made when first asked for: it costs tens of milliseconds that the start does not have.
  router.get(
    `${API_PREFIX}/openapi.json`,
    fixedText("json", () => JSON.stringify(openApiDocument())),
  )
  router.get(
    `${API_PREFIX}/asyncapi.json`,
    fixedText("json", () => JSON.stringify(asyncApiDocument())),
  )
  router.get("/docs", (_request, response) => response.redirect("/docs/api"))
  return router
}
