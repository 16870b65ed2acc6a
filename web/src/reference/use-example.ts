import { useQuery } from "@tanstack/react-query"
import { useMemo, useState } from "react"
import { meQuery } from "../api/queries.ts"
import { isOwner } from "../auth/roles.ts"
import type { ApiReference, Operation } from "./api-document.ts"
import { ownValuesQuery } from "./own-values.ts"
import { fill, namedIn, type Placeholders } from "./placeholders.ts"

export interface Example {
  /** By name of the parameter; empty where nothing is given. */
  readonly values: Readonly<Record<string, string>>
  readonly setValue: (name: string, value: string) => void
  /** JSON text; undefined for what has no body. */
  readonly body: string | undefined
  readonly setBody: (text: string) => void
  /** What the reader has not, in words: "a chat of yours". */
  readonly lacking: ReadonlyArray<string>
  /** What the reader has is being asked for; the example is not written in until it is there, or it would be put under the cursor. */
  readonly pending: boolean
}

const stillIn = (shown: unknown, placeholders: Placeholders): ReadonlyArray<string> =>
  namedIn(shown, placeholders).flatMap((name) => placeholders[name]?.meaning ?? [])

/** The example of an operation with what the reader has in it, and what he has changed of it. */
export const useExample = (operation: Operation, { placeholders }: ApiReference): Example => {
  const { data: me } = useQuery(meQuery)
  const example = useMemo(() => {
    const given = operation.parameters.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]]))
    return {
      parameters: Object.fromEntries(given) as Readonly<Record<string, unknown>>,
      body: operation.kind === "route" ? operation.body?.example : undefined,
    }
  }, [operation])
  const names = useMemo(() => namedIn(example, placeholders), [example, placeholders])
  const own = useQuery({ ...ownValuesQuery(names, me !== undefined && isOwner(me)), enabled: names.length > 0 })
  const [changed, setChanged] = useState<Readonly<Record<string, string>>>({})
  const [written, setBody] = useState<string>()

  const filled = useMemo(() => {
    const parameters = fill(example.parameters, placeholders, own.data ?? {}) as Readonly<Record<string, unknown>>
    const body = fill(example.body, placeholders, own.data ?? {})
    return { parameters, body }
  }, [example, placeholders, own.data])
  const values = {
    ...Object.fromEntries(Object.entries(filled.parameters).map(([name, value]) => [name, String(value)])),
    ...changed,
  }
  const untouched = Object.entries(filled.parameters).filter(([name]) => changed[name] === undefined)
  const shown = [untouched.map(([, value]) => value), written === undefined ? filled.body : undefined]
  return {
    values,
    setValue: (name, value) => setChanged({ ...changed, [name]: value }),
    body: written ?? (filled.body === undefined ? undefined : JSON.stringify(filled.body, null, 2)),
    setBody,
    lacking: own.isFetching && own.data === undefined ? [] : stillIn(shown, placeholders),
    pending: own.isFetching && own.data === undefined && names.length > 0,
  }
}
