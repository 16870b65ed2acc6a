import express, { type Router } from "express"
import path from "node:path"

/** Paths that belong to programs: an unknown one is an error, not a page of the web app. */
const RESERVED = /^\/(api|docs|healthz|simulator|assets)(\/|$)/

/** The built web app. Files under `/assets` have a hash in their name; every other page is `index.html`. */
export const webApp = (folder: string): Router => {
  const router = express.Router()
  router.use(
    "/assets",
    express.static(path.join(folder, "assets"), { immutable: true, maxAge: "365 days", index: false }),
  )
  router.use(express.static(folder, { index: false, maxAge: 0 }))
  router.get("/{*page}", (request, response, next) => {
    if (RESERVED.test(request.path)) {
      next()
      return
    }
    response.sendFile(path.join(folder, "index.html"), { headers: { "cache-control": "no-cache" } }, (error) => {
      if (error !== undefined && !response.headersSent) {
        response
          .status(503)
          .type("text")
          .send("The web app has not been built. Run npm run build, then reload this page.\n")
      }
    })
  })
  return router
}
