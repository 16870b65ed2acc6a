import express, { type NextFunction, type Request, type Response, type Router } from "express"
import { stat } from "node:fs/promises"
import path from "node:path"
import { acceptedEncoding, type Encoding } from "./content-encoding.ts"

/** Paths that belong to programs: an unknown one is an error, not a page of the web app. */
const RESERVED = /^\/(api|healthz|simulator|assets)(\/|$)/

/** How the build names what it packed beside each file that is worth it. */
const SUFFIXES: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" }

const isFile = (name: string): Promise<boolean> =>
  stat(name).then(
    (found) => found.isFile(),
    () => false,
  )

/** The path below the folder, or nothing for one that leads out of it or is not valid. */
const pathWithin = (folder: string, urlPath: string): string | undefined => {
  try {
    const file = path.join(folder, decodeURIComponent(urlPath))
    return file.startsWith(folder + path.sep) ? file : undefined
  } catch {
    return undefined
  }
}

/**
 * Leads a request on to the packed form of the file it asks for, where the client takes it and the build made one. The type
 * stays that of the file itself; the tag (size and time) is that of what is sent, so each form has its own.
 */
const packedFiles = (folder: string) => async (request: Request, response: Response, next: NextFunction) => {
  if (request.method !== "GET" && request.method !== "HEAD") return next()
  const type = path.extname(request.path)
  if (type === "") return next()
  response.vary("Accept-Encoding")
  const encoding = acceptedEncoding(request)
  const file = encoding === undefined ? undefined : pathWithin(folder, request.path)
  if (encoding === undefined || file === undefined || !(await isFile(file + SUFFIXES[encoding]))) return next()
  request.url = request.path + SUFFIXES[encoding]
  response.type(type).setHeader("content-encoding", encoding)
  next()
}

const notBuilt = (_request: Request, response: Response) => {
  response.status(503).type("text").send("The web app has not been built. Run npm run build, then reload this page.\n")
}

/** The built web app. Files under `/assets` have a hash in their name; every other page is `index.html`. */
export const webApp = (folder: string): Router => {
  const router = express.Router()
  const packed = packedFiles(folder)
  router.use(packed)
  router.use(
    "/assets",
    express.static(path.join(folder, "assets"), { immutable: true, maxAge: "365 days", index: false }),
  )
  router.use(express.static(folder, { index: false, maxAge: 0 }))
  const page = express.Router()
  page.use((request, response, next) => {
    response.setHeader("cache-control", "no-cache")
    request.url = "/index.html"
    return packed(request, response, next)
  })
  page.use(express.static(folder, { index: false, cacheControl: false }), notBuilt)
  router.get("/{*page}", (request, response, next) => {
    if (RESERVED.test(request.path)) next()
    else page(request, response, next)
  })
  return router
}
