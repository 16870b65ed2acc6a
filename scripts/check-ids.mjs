// A field, parameter or variable that is named after an id says of which kind it is (src/contract/ids.ts): as plain text one could
// be handed over where another is meant, and nothing would notice. Reads the syntax tree, as check-imports.mjs does.
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Visitor, parseSync } from "oxc-parser"
import { sourceFiles } from "./source-files.mjs"

/**
 * What a name ends with, and the kind that it then is; the first that fits counts. Snake case stands in rows and on the wire, where
 * `tool_call_id` is the provider's id of a call and ours is `id`.
 */
const KINDS = [
  [/(^tool_call_|provider_call_|providerCall)ids?$/i, "ProviderCallId"],
  [/toolCallIds?$/i, "ToolCallId"],
  [/queued(_message_|Message)?ids?$/i, "QueuedMessageId"],
  [/message_?ids?$/i, "MessageId"],
  [/chat_?ids?$/i, "ChatId"],
  [/(user|owner)_?ids?$|^created(_by|By)$/i, "UserId"],
  [/organization_?ids?$/i, "OrganizationId"],
  [/model_?config_?ids?$/i, "ModelConfigId"],
  [/mcp_?server_?ids?$/i, "McpServerId"],
  [/^(ai_)?provider_?ids?$/i, "ProviderId"],
  [/workspace_?ids?$/i, "WorkspaceId"],
  [/build_?ids?$/i, "BuildId"],
  [/template_?ids?$/i, "TemplateId"],
  [/agent_?ids?$/i, "AgentId"],
  [/session_?(key_?)?ids?$/i, "SessionKeyId"],
  [/^(owner_?)?instance(_?id)?$/i, "ServerInstanceId"],
]
const kindOf = (name) => KINDS.find(([pattern]) => pattern.test(name))?.[1]

/** Schemas of text and numbers that say nothing of what they name. */
const PLAIN_SCHEMAS = new Set([
  "Uuid",
  "Schema.UUID",
  "Schema.String",
  "Schema.NonEmptyString",
  "Schema.Number",
  "Schema.Int",
])

/** Lists and such of which the members are meant by a plural. */
const HOLDERS = new Set(["Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable"])

const nameOf = (node) => {
  if (node?.type === "Identifier") return node.name
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined
}

/** Whether a type is text or a number without a kind, `null` and `undefined` beside it or not, or holds such. */
function isPlain(type) {
  switch (type?.type) {
    case "TSStringKeyword":
    case "TSNumberKeyword":
      return true
    case "TSUnionType":
      return type.types.some(isPlain)
    case "TSArrayType":
      return isPlain(type.elementType)
    case "TSTypeOperator":
    case "TSParenthesizedType":
      return isPlain(type.typeAnnotation)
    case "TSTypeReference":
      return HOLDERS.has(nameOf(type.typeName)) && (type.typeArguments?.params ?? []).some(isPlain)
    default:
      return false
  }
}

/** Whether a schema is one of text or a number, or `optional` and the like of one. */
function isPlainSchema(node) {
  if (node?.type === "Identifier") return PLAIN_SCHEMAS.has(node.name)
  if (node?.type === "MemberExpression") return PLAIN_SCHEMAS.has(`${nameOf(node.object)}.${nameOf(node.property)}`)
  if (node?.type !== "CallExpression") return false
  const { callee } = node
  // Schema.String.annotations(...), Uuid.pipe(...)
  if (callee.type === "MemberExpression" && isPlainSchema(callee.object)) return true
  return node.arguments.some(isPlainSchema)
}

/** Every place of a file that names an id and does not say of which kind. */
function findings(path, source) {
  const { program, errors } = parseSync(path, source)
  const found = errors.map((error) => `${path}: ${error.message}`)
  const report = (node, name) => {
    const line = source.slice(0, node.start).split("\n").length
    found.push(`${path}:${line}: ${name} is of no kind: write ${kindOf(name)} (src/contract/ids.ts)`)
  }
  const typed = (key, annotation) => {
    const name = nameOf(key)
    if (name !== undefined && kindOf(name) !== undefined && isPlain(annotation?.typeAnnotation)) report(key, name)
  }
  new Visitor({
    // Parameters and variables, in types of functions too.
    Identifier: (node) => typed(node, node.typeAnnotation),
    TSPropertySignature: (node) => typed(node.key, node.typeAnnotation),
    PropertyDefinition: (node) => typed(node.key, node.typeAnnotation),
    Property: (node) => {
      const name = nameOf(node.key)
      if (name !== undefined && kindOf(name) !== undefined && isPlainSchema(node.value)) report(node.key, name)
    },
  }).visit(program)
  return found
}

const root = resolve(process.argv[2] ?? ".")
const problems = sourceFiles(root, ["src"])
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .flatMap((path) => findings(path, readFileSync(join(root, path), "utf8")))
for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
