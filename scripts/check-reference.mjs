// Whoever reads the page of the API finds of every operation what it does, when it is refused, who may, and an example that runs;
// of every stream the same, and an example of each event. Reads the documents that `npm run docs` makes of src/contract/reference/.
//   node scripts/check-reference.mjs [root]
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"

const MOST_SUMMARY = 60
const LEAST_DESCRIPTION = 40
const LEAST_SENTENCE = 8
/** What the generator says where nobody has. */
const GENERATED = /^(?:Success|a (?:string|number|Universally)\b|an array\b)/

const isSentence = (text, least = LEAST_SENTENCE) =>
  typeof text === "string" && text.trim().length >= least && !GENERATED.test(text)

/** Each says what is wrong with an operation, or nothing. */
const OF_ALL = [
  ({ summary }) => !isSentence(summary) && "has no summary",
  ({ summary }) =>
    summary?.length > MOST_SUMMARY && `has a summary of ${summary.length} characters: at most ${MOST_SUMMARY}`,
  ({ summary }) => summary?.trim().endsWith(".") && "has a summary with a full stop",
  ({ description }) => !isSentence(description, LEAST_DESCRIPTION) && "has no description",
  ({ description }) => !/^Who may: \S/m.test(description ?? "") && "does not say who may",
  (operation) => operation["x-permission"] === undefined && "has no x-permission",
]

const OF_ROUTES = [
  ({ parameters }) =>
    parameters.flatMap(({ name, description }) => (isSentence(description) ? [] : `says nothing of ${name}`)),
  ({ parameters }) =>
    parameters.flatMap(({ name, required, example }) =>
      required && example === undefined ? `has no example of ${name}` : [],
    ),
  ({ requestBody }) =>
    requestBody && requestBody.content["application/json"]?.example === undefined && "has no example of its body",
  ({ responses }) =>
    Object.entries(responses).flatMap(([status, { description }]) =>
      isSentence(description) ? [] : `does not say when it answers ${status}`,
    ),
  // The two ways in which an endpoint itself says who may.
  ({ security, ...rest }) =>
    (security.length === 0) !== (rest["x-permission"] === "anyone") && "asks for another session than it says",
]

const OF_STREAMS = [
  (operation) => Object.keys(operation["x-refusals"] ?? {}).length === 0 && "does not say how a connection is refused",
]

const OF_BODIES = (schemas, { requestBody }) => {
  const schema = requestBody?.content["application/json"]?.schema
  const named = schema?.$ref ? schemas[schema.$ref.split("/").at(-1)] : schema
  return Object.entries(named?.properties ?? {}).flatMap(([field, { description }]) =>
    isSentence(description) ? [] : `says nothing of the field ${field}`,
  )
}

const root = resolve(process.argv[2] ?? ".")
const read = (name) => JSON.parse(readFileSync(join(root, "docs", name), "utf8"))
const problems = []
const judge = (name, rules, operation) => {
  for (const rule of rules) for (const fault of [rule(operation)].flat()) if (fault) problems.push(`${name} ${fault}`)
}

const { paths, components } = read("openapi.json")
for (const [path, methods] of Object.entries(paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const rules = [...OF_ALL, ...OF_ROUTES, (operation) => OF_BODIES(components.schemas, operation)]
    judge(`${method.toUpperCase()} ${path}`, rules, operation)
  }
}

const { operations, channels } = read("asyncapi.json")
for (const [name, operation] of Object.entries(operations)) judge(name, [...OF_ALL, ...OF_STREAMS], operation)
for (const [name, { bindings, messages }] of Object.entries(channels)) {
  for (const [parameter, { description, examples }] of Object.entries(bindings?.ws?.query?.properties ?? {})) {
    if (!isSentence(description)) problems.push(`${name} says nothing of ${parameter}`)
    if (!examples?.length) problems.push(`${name} has no example of ${parameter}`)
  }
  for (const { examples = [] } of Object.values(messages)) {
    if (examples.length === 0) problems.push(`${name} has no examples of its events`)
    for (const { name: event, summary } of examples)
      if (!isSentence(summary)) problems.push(`${name} says nothing of ${event}`)
  }
}

for (const problem of problems) console.log(`${problem}: say it in src/contract/reference/, then npm run docs`)
process.exitCode = problems.length > 0 ? 1 : 0
