import type { IRoute, RequestHandler, Router } from "express"

/** The routes of a server, held against each other before the first request comes. */

export interface Route {
  /** For whoever has to mend it: group and name of the endpoint. */
  readonly name: string
  readonly method: string
  /** With its parameters as `:name`. */
  readonly path: string
  readonly serve: RequestHandler
}

const METHODS = {
  GET: "get",
  POST: "post",
  PUT: "put",
  PATCH: "patch",
  DELETE: "delete",
} as const

const isMethod = (method: string): method is keyof typeof METHODS => method in METHODS

const segmentsOf = (path: string): ReadonlyArray<string> => path.split("/").slice(1)
const isParameter = (segment: string): boolean => segment.startsWith(":")

/** After every word, wherever two paths are compared. */
const ANYTHING = "\uffff"

/** The same for two paths that the same addresses fit: what a parameter is called does not count, nor does case. */
const shapeOf = (segments: ReadonlyArray<string>): string =>
  segments.map((segment) => (isParameter(segment) ? ANYTHING : segment.toLowerCase())).join("/")

/**
 * What each parameter of a path cannot be: the words that stand in its place in other paths. `/chats/config/capacity` and
 * `/chats/:chat/messages` make `config` a word, so that no address that begins with `/chats/config` is a chat's.
 */
export const wordsBeside = (path: string, all: ReadonlyArray<string>): ReadonlyMap<string, ReadonlySet<string>> => {
  const words = new Map<string, ReadonlySet<string>>()
  const own = segmentsOf(path)
  for (const [place, parameter] of own.entries()) {
    if (!isParameter(parameter)) continue
    const before = shapeOf(own.slice(0, place))
    const there = all
      .map(segmentsOf)
      .filter((other) => shapeOf(other.slice(0, place)) === before)
      .flatMap((other) => other[place] ?? [])
    words.set(parameter.slice(1), new Set(there.filter((word) => !isParameter(word)).map((word) => word.toLowerCase())))
  }
  return words
}

/** Ends a request where every unknown route does, when a word stands where a parameter would. */
const noWords = (path: string, all: ReadonlyArray<string>): RequestHandler => {
  const words = [...wordsBeside(path, all)]
  return (request, _response, next) => {
    const taken = words.some(([name, those]) => those.has(String(request.params[name]).toLowerCase()))
    next(taken ? "router" : undefined)
  }
}

/** By what addresses fit them, words before parameters. Throws where two routes are one. */
const byShape = (routes: ReadonlyArray<Route>, elsewhere: ReadonlyArray<string>) => {
  const shapes = new Map<string, Map<string, Route>>()
  const streams = new Set(elsewhere.map((path) => shapeOf(segmentsOf(path))))
  for (const route of routes) {
    const { name, method, path } = route
    const shape = shapeOf(segmentsOf(path))
    const methods = shapes.get(shape) ?? new Map<string, Route>()
    const other = methods.get(method)?.name ?? (method === "GET" && streams.has(shape) ? "a stream" : undefined)
    if (other !== undefined) {
      throw new TypeError(`${method} ${path} is declared twice, as ${other} and as ${name}: change one of them.`)
    }
    shapes.set(shape, methods.set(method, route))
  }
  return [...shapes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, methods]) => methods)
}

/**
 * Puts the routes on a router: a word in a path wins over a parameter in its place, whatever the order of the declarations, and a
 * method that a path does not have is refused with a list of those that it has. `elsewhere` are paths that are served beside this
 * router, such as streams; their words are words here as well.
 */
export const mountRoutes = (router: Router, routes: ReadonlyArray<Route>, elsewhere: ReadonlyArray<string>): void => {
  const all = [...routes.map(({ path }) => path), ...elsewhere]
  for (const methods of byShape(routes, elsewhere)) {
    // More than one only where a parameter is called differently with another method.
    const paths = new Map<string, IRoute>()
    for (const { name, method, path, serve } of methods.values()) {
      if (!isMethod(method)) throw new TypeError(`${name} is declared with ${method}, which is not mounted.`)
      const route = paths.get(path) ?? router.route(path).all(noWords(path, all))
      paths.set(path, route[METHODS[method]](serve))
    }
    const allow = ["OPTIONS", ...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : [])].sort().join(", ")
    ;[...paths.values()].at(-1)?.all((request, response) => {
      response.setHeader("allow", allow)
      if (request.method === "OPTIONS") response.status(204).end()
      else response.status(405).json({ message: `${request.method} is not possible here; ${allow} are.` })
    })
  }
}
