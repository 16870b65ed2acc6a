import { Option, type Schema, SchemaAST } from "effect"
import type { Router } from "express"
import { Uuid } from "../contract/ids.ts"

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => UUID.test(text)

/** The parameters of a path that are ids. */
export const uuidParameters = (path: Option.Option<Schema.Schema<never, unknown>>): ReadonlyArray<string> =>
  Option.match(path, {
    onNone: () => [],
    onSome: ({ ast }) =>
      SchemaAST.getPropertySignatures(ast)
        .filter(({ type }) => type === Uuid.ast)
        .map(({ name }) => String(name)),
  })

/**
 * Makes the router give a request up where one of these parameters is no UUID. Such a segment is the name of something that
 * this version does not serve, `/chats/files`, and not an id: it ends where every unknown route does.
 */
export const onlyUuids = (router: Router, names: Iterable<string>): void => {
  for (const name of names) {
    router.param(name, (_request, _response, next, value) => next(isUuid(String(value)) ? undefined : "router"))
  }
}
