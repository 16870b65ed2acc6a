import type { ModelFieldInvalid } from "./admin-errors.ts"

/** What can be seen to be wrong with a connection before anything is sent. Each would fail at every call. */

type Fault = Pick<ModelFieldInvalid, "field" | "message">

const urlFault = (text: string): string | undefined => {
  if (/\s/.test(text)) return "The URL has blanks in it. Leave them out."
  if (!URL.canParse(text)) return "This is not a URL."
  // An empty one is one: `URL` keeps the sign and the paths of calls would stand behind it.
  if (text.includes("?")) return "The URL has a query. Leave out the question mark and what follows it."
  if (text.includes("#")) return "The URL has a fragment. Leave out the # and what follows it."
  if (/^[^/]*\/\/[^/]*@/.test(text))
    return "The URL has a user name or a password in it. The key has a field of its own."
  return undefined
}

const keyFault = (key: string): string | undefined => {
  if (/[\r\n]/.test(key)) return "The key has a line break in it. Copy it again, without one."
  if (key.trim() !== key) return "The key has blanks around it. Leave them out."
  // What a header can hold.
  if (!/^[\x20-\x7e\xa1-\xff]*$/.test(key)) return "The key has a character in it that cannot be sent. Copy it again."
  return undefined
}

/** The first fault of a base URL or an API key, named by its field. */
export const connectionFault = (given: {
  readonly base_url?: string | undefined
  readonly api_key?: string | undefined
}): Fault | undefined => {
  const url = given.base_url === undefined ? undefined : urlFault(given.base_url)
  if (url !== undefined) return { field: "base_url", message: url }
  const key = given.api_key === undefined ? undefined : keyFault(given.api_key)
  return key === undefined ? undefined : { field: "api_key", message: key }
}
