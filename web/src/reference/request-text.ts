/** A request as text to be copied: it names variables of the shell or of the environment where a secret stands. */

export interface RequestParts {
  readonly method: string
  /** Path with its parameters filled in, and query. */
  readonly address: string
  /** JSON; undefined where there is none. */
  readonly body: unknown
  /** Fields of the body that hold a secret. */
  readonly secrets: ReadonlyArray<string>
  /** It needs no session. */
  readonly isOpen: boolean
  readonly idempotencyKey?: string | undefined
}

export interface RequestTarget {
  readonly method: string
  /** With its parameters as `{name}`. */
  readonly path: string
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly in: "path" | "query" | "header" }>
}

/** A step of a path that no way of writing keeps from being taken for the folder itself, or the one above. */
const DOTS = /^\.{1,2}$/

/** Path and query with what was given; what is empty, or cannot stand there, is left out of the query and stays a name in the path. */
export const addressOf = ({ path, parameters }: RequestTarget, given: Readonly<Record<string, string>>): string => {
  const filled = path.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = given[name] ?? ""
    return value === "" || DOTS.test(value) ? whole : encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const parameter of parameters) {
    const value = given[parameter.name] ?? ""
    if (parameter.in === "query" && value !== "") query.append(parameter.name, value)
  }
  return `${filled}${query.size > 0 ? `?${query}` : ""}`
}

/** `session_token` as `TROUPE_SESSION_TOKEN`. */
const variableOf = (field: string): string => `TROUPE_${field.replace(/\W/g, "_").toUpperCase()}`

const MARK = "\u0000"

/** The body with a mark in place of each secret, so that none is ever in a text. */
const withoutSecrets = (body: unknown, secrets: ReadonlyArray<string>): unknown => {
  if (Array.isArray(body)) return body.map((each) => withoutSecrets(each, secrets))
  if (typeof body !== "object" || body === null) return body
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) =>
      secrets.includes(key) ? [key, `${MARK}${variableOf(key)}${MARK}`] : [key, withoutSecrets(value, secrets)],
    ),
  )
}

/** JSON to be shown to people, with nothing of a secret. */
export const hiddenSecrets = (body: unknown, secrets: ReadonlyArray<string>): string =>
  JSON.stringify(withoutSecrets(body, secrets), null, 2).replaceAll(/\\u0000\w+\\u0000/g, "•••")

/** What may stand in a header; browsers refuse the rest before anything is sent. */
export const isHeaderText = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** As `JSON.stringify` writes the mark. */
const MARKED = /\\u0000(\w+)\\u0000/g

/** One word of the shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const SAFE_WORD = /^[\w./:=?&%{}$-]*$/

export const curlText = ({ method, address, body, secrets, isOpen, idempotencyKey }: RequestParts): string => {
  // In double quotes, for the variable; an address is percent-encoded and holds nothing that the shell would read.
  const url = SAFE_WORD.test(address)
    ? `"$TROUPE_URL${address.replaceAll("$", "\\$")}"`
    : `"$TROUPE_URL"${quoted(address)}`
  const headers = [
    ...(isOpen ? [] : [`-H "Coder-Session-Token: $TROUPE_TOKEN"`]),
    ...(idempotencyKey === undefined || idempotencyKey === ""
      ? []
      : [`-H ${quoted(`Idempotency-Key: ${idempotencyKey}`)}`]),
    ...(body === undefined ? [] : [`-H "Content-Type: application/json"`]),
  ]
  const data =
    body === undefined
      ? []
      : [
          `-d ${quoted(JSON.stringify(withoutSecrets(body, secrets), null, 2)).replaceAll(MARKED, (_, name: string) => `'"$${name}"'`)}`,
        ]
  const verb = method === "GET" ? "" : ` -X ${method}`
  return [`curl${verb} ${url}`, ...headers, ...data].join(" \\\n  ")
}

/** Server-sent events of a stream. */
export const curlStreamText = (address: string): string =>
  [
    `curl -N "$TROUPE_URL${address.replaceAll("$", "\\$")}"`,
    `-H "Coder-Session-Token: $TROUPE_TOKEN"`,
    `-H "Accept: text/event-stream"`,
  ].join(" \\\n  ")

const indented = (text: string): string => text.replaceAll("\n", "\n  ")

export const fetchText = ({ method, address, body, secrets, isOpen, idempotencyKey }: RequestParts): string => {
  const headers = [
    ...(isOpen ? [] : [`    "Coder-Session-Token": process.env.TROUPE_TOKEN,`]),
    ...(idempotencyKey === undefined || idempotencyKey === ""
      ? []
      : [`    "Idempotency-Key": ${JSON.stringify(idempotencyKey)},`]),
    ...(body === undefined ? [] : [`    "Content-Type": "application/json",`]),
  ]
  const json =
    body === undefined
      ? undefined
      : JSON.stringify(withoutSecrets(body, secrets), null, 2).replaceAll(
          /"\\u0000(\w+)\\u0000"/g,
          (_, name: string) => `process.env.${name}`,
        )
  const options = [
    ...(method === "GET" ? [] : [`  method: "${method}",`]),
    ...(headers.length === 0 ? [] : ["  headers: {", ...headers, "  },"]),
    ...(json === undefined ? [] : [`  body: JSON.stringify(${indented(json)}),`]),
  ]
  const target = `process.env.TROUPE_URL + ${JSON.stringify(address)}`
  const call = options.length === 0 ? `fetch(${target})` : `fetch(${target}, {\n${options.join("\n")}\n})`
  return `const response = await ${call}\nconsole.log(response.status, await response.text())`
}

/** With the package `ws`: the socket of a browser has no headers, and its cookie is only on this server's pages. */
export const socketText = (address: string): string =>
  `import { WebSocket } from "ws"

const url = process.env.TROUPE_URL.replace(/^http/, "ws") + ${JSON.stringify(address)}
const socket = new WebSocket(url, { headers: { "Coder-Session-Token": process.env.TROUPE_TOKEN } })
socket.on("message", (frame) => console.log(JSON.parse(frame)))`
