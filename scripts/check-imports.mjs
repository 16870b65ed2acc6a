// Imports run downwards only, areas within a layer keep rules of their own, and chat state is written in one place. This reads
// the syntax tree of every file (oxc-parser: dependency-cruiser needs the JavaScript API of TypeScript 5 or 6, which the native
// TypeScript 7 does not have) and holds each import, and each text that may be SQL, against the tables below.
import { existsSync, readFileSync, statSync } from "node:fs"
import { join, posix, resolve } from "node:path"
import { Visitor, parseSync } from "oxc-parser"
import { sourceFiles } from "./source-files.mjs"

/** Lowest first. A folder may import from lower layers, and from a sibling only where SIBLINGS says so. */
const LAYERS = [
  ["contract"],
  ["machines"],
  ["db"],
  ["tools", "mcp", "workspaces", "providers", "identity"],
  ["models"],
  ["turn"],
  ["actors"],
  ["chats"],
  ["http", "cli"],
  ["main"],
]
const SIBLINGS = new Set(["tools -> workspaces", "tools -> mcp", "tools -> providers", "mcp -> identity"])

/**
 * Files of a layer that not everybody above it may import, by the path they begin with. `only`: who may, by the path that
 * those begin with; `types`: whether everybody else may know their types. Tests may import anything.
 */
const GUARDED = [
  {
    area: "src/db/chats/store/",
    // The composition of layers builds the store; it hands it to nobody else.
    only: ["src/db/chats/", "src/actors/", "src/chats/layer.ts"],
    types: true,
    why: "only src/actors writes chat state: send a command to the chat's actor",
  },
  {
    area: "src/db/chats/instances.ts",
    only: ["src/db/chats/", "src/actors/host/", "src/chats/layer.ts"],
    types: true,
    why: "only src/actors/host says who owns a chat",
  },
  {
    area: "src/db/chats/admission.ts",
    only: ["src/db/chats/", "src/actors/host/", "src/chats/layer.ts"],
    types: true,
    why: "only src/actors/host gives slots",
  },
  {
    area: "src/db/chats/parts.ts",
    only: ["src/db/chats/", "src/actors/streams/", "src/chats/"],
    types: true,
    why: "only src/actors/streams writes down what was shown",
  },
  {
    area: "src/db/chats/tool-calls.ts",
    only: ["src/db/chats/", "src/turn/", "src/chats/layer.ts"],
    types: true,
    why: "only the turn starts a tool call and keeps its result",
  },
  {
    area: "src/db/chats/families.ts",
    only: ["src/db/chats/", "src/chats/"],
    types: true,
    why: "a family is archived by src/chats, which fences the actors of its members out",
  },
  {
    area: "src/db/embedded/",
    only: ["src/db/embedded/", "src/db/engine/"],
    types: false,
    why: "whose server it is, only src/db/engine knows",
  },
  ...["anthropic", "google", "openai"].map((protocol) => ({
    area: `src/providers/${protocol}/`,
    only: [`src/providers/${protocol}/`, "src/providers/registry.ts", "src/providers/list-models.ts"],
    types: false,
    why: "an adapter is known to the registry alone, and knows no other adapter",
  })),
  {
    area: "src/actors/chat/actor.ts",
    only: ["src/actors/"],
    types: true,
    why: "a chat is reached through its host, which finds its actor",
  },
]

/** Arrows that no file of an area may draw, although their layers would allow it. */
const KEPT_APART = [
  {
    from: "src/providers/stream/",
    to: ["anthropic", "google", "openai"].map((protocol) => `src/providers/${protocol}/`),
    why: "bytes know no protocol",
  },
  {
    from: "src/providers/simulator/",
    to: ["anthropic", "google", "openai"].map((protocol) => `src/providers/${protocol}/`),
    why: "the simulator is a server: it speaks the wire, and shares no code with those who read it",
  },
  {
    from: "src/db/engine/",
    to: ["audit", "chats", "identity", "models", "workspaces", "deployment"].map((area) => `src/db/${area}/`),
    why: "the engine knows no table",
  },
  ...["chats", "identity", "models", "workspaces", "deployment"].map((area) => ({
    from: `src/db/${area}/`,
    to: ["chats", "identity", "models", "workspaces", "deployment"]
      .filter((other) => other !== area)
      .map((other) => `src/db/${other}/`),
    why: "repositories stand side by side: what needs two of them is a service above",
  })),
  {
    from: "src/db/audit/",
    to: ["chats", "identity", "models", "workspaces", "deployment"].map((area) => `src/db/${area}/`),
    why: "what is written down of a change does not know what was changed",
  },
  { from: "src/actors/chat/", to: ["src/actors/host/"], why: "the actor does not know where it lives" },
  { from: "src/actors/streams/", to: ["src/actors/host/"], why: "readers do not know where a chat lives" },
]

/** Who writes the tables that hold the state of chats; their attributes stand in the row of `chats`, too. */
const WRITERS = {
  chats: ["src/db/chats/", "src/db/workspaces/workspaces.ts"],
  chat_messages: ["src/db/chats/store/"],
  chat_queued_messages: ["src/db/chats/store/"],
  chat_attempts: ["src/db/chats/store/"],
  chat_parts: ["src/db/chats/store/", "src/db/chats/parts.ts"],
  chat_snapshots: ["src/db/chats/store/"],
  chat_transitions: ["src/db/chats/store/", "src/db/chats/families.ts"],
  tool_calls: ["src/db/chats/store/", "src/db/chats/tool-calls.ts"],
}
const WRITES =
  /\b(?:update|insert\s+into|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+(chats|chat_\w+|tool_calls)\b/gi

/** Importable from everywhere in src, and importing nothing of ours. */
const SETTINGS = "src/settings.ts"
/** Packages that a folder is limited to; `node:` modules count as packages. Other folders may use any. */
const PACKAGES = {
  contract: ["effect", "@effect/platform"],
  machines: ["xstate"],
  "workspace-agent": ["node:"],
}

/** Files of the contract that web may run, not only name. They bring nothing along: all that they import is types. */
const FOR_WEB = new Set(["src/contract/part-deltas.ts"])

const rankOf = new Map(LAYERS.flatMap((names, rank) => names.map((name) => [name, rank])))

/** The part of the house a file stands in: a layer of src, `settings`, or one of the top folders; `test` for any test. */
function areaOf(path) {
  if (path.startsWith("test/") || /\.test\.tsx?$/.test(path)) return "test"
  if (/\.config\.[cm]?[jt]s$/.test(path)) return "scripts"
  if (path === SETTINGS) return "settings"
  const [top, second] = path.split("/")
  return top === "src" ? second.replace(/\.ts$/, "") : top
}

/** Every module that a file names, with whether the import is gone after compilation; and every text in it that may be SQL. */
function readFile(path, source) {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) return { imports: [], texts: [], errors }
  const imports = []
  const texts = []
  const lineOf = (node) => source.slice(0, node.start).split("\n").length
  const add = (node, typeOnly) => {
    if (node?.type === "Literal" && typeof node.value === "string")
      imports.push({ specifier: node.value, typeOnly, line: lineOf(node) })
  }
  new Visitor({
    TemplateElement: (node) => texts.push({ text: node.value.raw, line: lineOf(node) }),
    Literal: (node) => {
      if (typeof node.value === "string") texts.push({ text: node.value, line: lineOf(node) })
    },
    // `import { type A }` leaves an import of the module behind (verbatimModuleSyntax); only `import type` does not.
    ImportDeclaration: (node) => add(node.source, node.importKind === "type"),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
    TSExternalModuleReference: (node) => add(node.expression, false),
  }).visit(program)
  return { imports, texts, errors }
}

/** The file a specifier means, as a path below the root, or `undefined` for a package. It may be one that is built later. */
function resolveImport(root, from, specifier) {
  const bare = specifier.replace(/\?.*$/, "")
  let target
  if (bare.startsWith(".")) target = posix.join(posix.dirname(from), bare)
  else if (bare.startsWith("@/")) target = `web/src/${bare.slice(2)}`
  else return undefined
  const isFile = (path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile()
  return [target, `${target}.ts`, `${target}.tsx`].find(isFile) ?? target
}

/** Why an import between two of our files is not allowed, or `undefined`. */
function refusal(from, to, typeOnly) {
  if (from === "test" || from === "scripts") return undefined
  if (to === "test") return "only tests import tests"
  if (from === to) return undefined
  if (from === "web") {
    if (to !== "contract") return "web takes nothing of the server but types of src/contract"
    return typeOnly ? undefined : "web may take types only of src/contract: write `import type`"
  }
  if (from === "workspace-agent") return "the workspace agent is a package of its own: it imports nothing of ours"
  if (from === "bench") return to === "scripts" ? undefined : "a benchmark knows the server from outside only"
  if (from === "settings") return "settings import nothing of ours"
  if (to === "settings") return undefined
  if (to === "workspace-agent")
    return from === "workspaces" && typeOnly ? undefined : "only src/workspaces knows the agent, by its types"
  if (!rankOf.has(from)) return `src/${from} has no place among the layers (scripts/check-imports.mjs)`
  if (!rankOf.has(to)) return `nothing of src may import ${to}`
  if (rankOf.get(from) > rankOf.get(to)) return undefined
  if (rankOf.get(from) === rankOf.get(to) && SIBLINGS.has(`${from} -> ${to}`)) return undefined
  return `${from} may not import ${to}: imports run downwards`
}

const beginsWith = (path, starts) => starts.some((start) => path.startsWith(start))

/** Why an import between two areas is not allowed although their layers would have it, or `undefined`. */
function areaRefusal(path, target, typeOnly) {
  const guard = GUARDED.find(({ area }) => target.startsWith(area))
  if (guard && !(guard.types && typeOnly) && !beginsWith(path, guard.only)) return guard.why
  return KEPT_APART.find(({ from, to }) => path.startsWith(from) && beginsWith(target, to))?.why
}

/** Every table of chat state that a text writes to, and may not. */
const foreignWrites = (path, text) =>
  [...text.matchAll(WRITES)]
    .map(([, table]) => table.toLowerCase())
    .filter((table) => !beginsWith(path, WRITERS[table] ?? []))

function packageRefusal(from, specifier) {
  const allowed = PACKAGES[from]
  if (from === "web" && specifier.startsWith("node:")) return "web runs in a browser: no Node modules"
  if (allowed === undefined) return undefined
  const fits = (name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`)
  return allowed.some(fits) ? undefined : `${from} may use no package but ${allowed.join(", ")}`
}

/** One circle of imports, each file importing the next, or `undefined`. Depth first; a file seen again on the path closes it. */
function findCircle(graph) {
  const done = new Set()
  const path = []
  const visit = (file) => {
    if (done.has(file)) return undefined
    const at = path.indexOf(file)
    if (at >= 0) return [...path.slice(at), file]
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next)
      if (circle) return circle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const circle = visit(file)
    if (circle) return circle
  }
  return undefined
}

const root = resolve(process.argv[2] ?? ".")
const problems = []
const graph = new Map()
for (const path of sourceFiles(root).filter((name) => /\.([cm]?ts|tsx|mjs)$/.test(name))) {
  const from = areaOf(path)
  const isProduct = path.startsWith("src/") && from !== "test"
  const { imports, texts, errors } = readFile(path, readFileSync(join(root, path), "utf8"))
  for (const error of errors) problems.push(`${path}: ${error.message}`)
  graph.set(path, [])
  for (const { specifier, typeOnly, line } of imports) {
    const target = resolveImport(root, path, specifier)
    if (target !== undefined) graph.get(path).push(target)
    const reason =
      target === undefined
        ? packageRefusal(from, specifier)
        : (refusal(from, areaOf(target), typeOnly || (from === "web" && FOR_WEB.has(target))) ??
          (isProduct ? areaRefusal(path, target, typeOnly) : undefined))
    if (FOR_WEB.has(path) && !typeOnly) problems.push(`${path}:${line}: imports "${specifier}": web runs this file`)
    if (reason) problems.push(`${path}:${line}: imports "${specifier}": ${reason}`)
  }
  if (!isProduct) continue
  for (const { text, line } of texts)
    for (const table of foreignWrites(path, text))
      problems.push(
        `${path}:${line}: writes to ${table}: ${WRITERS[table]?.join(" and ") ?? "no file"} may, nobody else`,
      )
}
const circle = findCircle(graph)
if (circle) problems.push(`circular imports: ${circle.join(" -> ")}`)
for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
