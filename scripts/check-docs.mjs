// What a page names is there: files, links, commands with their options, settings. Commands that take long are not carried out
// but parsed by the program that they start.
//   node scripts/check-docs.mjs [root]
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { dirname, join, posix, resolve } from "node:path"
import { readOptions } from "../bench/options.mjs"
import { PARTS } from "../bench/parts.mjs"
import { sourceFiles } from "./source-files.mjs"

const root = resolve(process.argv[2] ?? ".")
const read = (path) => readFileSync(join(root, path), "utf8")
const exists = (path) => existsSync(join(root, path))
const markdownIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))

const sources = sourceFiles(root)
const pages = [
  ...["README.md", "CONTRIBUTING.md", "AGENTS.md"].filter(exists),
  ...sources.filter((path) => path.endsWith("/AGENTS.md")),
  ...markdownIn("docs"),
]
/** An ADR tells how things were when it was written. Its links and commands work, but files may have gone elsewhere. */
const isRecord = (page) => page.startsWith("docs/adr/")

/** What stands for a name that somebody is to choose: `src/tools/NAME.ts`, `NNNN_name.sql`, `src/**`. */
const PLACEHOLDER = /NAME|NNNN|[*…]|\.\.\./
const PATH = /^[\w.@-]+(?:\/[\w.@{},$-]*)+$/
const FILE = /\.(?:[cm]?[jt]sx?|md|json|sql|css|html|sh)$/
/** Folders that a path may be given without, because a page names the layers by their names alone. */
const BASES = ["", "src/"]

/** `a/{b,c}.ts` are two paths. */
const braced = (path) => {
  const [, before, inner, after] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? []
  return inner === undefined ? [path] : inner.split(",").flatMap((each) => braced(`${before}${each}${after}`))
}

function missingPaths(text, page) {
  const tops = new Set([...readdirSync(root), ...(exists("src") ? readdirSync(join(root, "src")) : [])])
  const named = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code)
    .filter((code) => PATH.test(code) && !PLACEHOLDER.test(code) && tops.has(code.split("/")[0]))
    .filter((code) => FILE.test(code) || code.endsWith("/"))
  const missing = named
    .flatMap(braced)
    .filter((path) => !BASES.some((base) => exists(base + path)) && !exists(posix.join(dirname(page), path)))
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link)
  const broken = links.filter((link) => !/^[a-z]+:/.test(link) && !exists(posix.join(dirname(page), link)))
  return [...(isRecord(page) ? [] : missing), ...broken]
}

/** Commands of a page: lines of its shell blocks, and code in a sentence that begins as a command does. */
function commandsIn(text) {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.split("\n"))
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code)
  return [...blocks, ...inline]
    .flatMap((line) => line.replace(/\s#\s.*$/, "").split("&&"))
    .map((command) => command.trim())
    .filter((command) => /^(?:[A-Z][A-Z0-9_]*=\S* )*(?:npm|npx|node|\.ci\/run)(?: |$)/.test(command))
}

const packageScripts = JSON.parse(read("package.json")).scripts
const tests = sources.filter((path) => /\.test\.tsx?$/.test(path))

/** What a program of ours prints, and what it complains of. Each is asked once for the same words. */
const runs = new Map()
function runOf(program, args) {
  const key = JSON.stringify([program, ...args])
  if (!runs.has(key)) runs.set(key, spawnSync(process.execPath, [join(root, program), ...args], { encoding: "utf8" }))
  return runs.get(key)
}

const unknownTests = (filters) => {
  const none = filters.filter((filter) => !filter.startsWith("-") && !tests.some((path) => path.includes(filter)))
  return none.length > 0 ? `no test file is called ${none.join(", ")}` : undefined
}

/** By script of package.json: why it would not take these arguments. A script that is not here takes none. */
const takes = {
  test: unknownTests,
  check: (args) => {
    const names = runOf("scripts/check.mjs", ["--list"]).stdout.split("\n")
    const unknown = args.filter((arg) => arg !== "--fix" && !names.includes(arg))
    return unknown.length > 0 ? `no check is called ${unknown.join(", ")}` : undefined
  },
  bench: (args) => {
    try {
      readOptions(args, PARTS)
      return undefined
    } catch (error) {
      return error.message
    }
  },
  soak: (args) => {
    const { status, stderr } = runOf("scripts/soak.mjs", [...args, "--list"])
    return status === 0 ? undefined : stderr.trim()
  },
}

function npmRefusal([verb, ...rest]) {
  if (verb === "ci") return exists("package-lock.json") ? undefined : "there is no package-lock.json"
  const [name, ...given] = verb === "run" ? rest : [verb, ...rest]
  if (packageScripts[name] === undefined) return `package.json has no script "${name}"`
  const args = given[0] === "--" ? given.slice(1) : given
  if (args.length > 0 && given[0] !== "--") return `npm keeps "${args.join(" ")}" for itself: write -- before it`
  if (args.length === 0) return undefined
  return takes[name] ? takes[name](args) : `"${name}" takes no arguments`
}

/** The commands of our own program, as its page has them. */
const ownCommands = exists("docs/cli.md")
  ? [...read("docs/cli.md").matchAll(/^## troupe (.+)$/gm)].map(([, words]) => words)
  : []
const ownPrograms = Object.keys(JSON.parse(read("package.json")).bin ?? {})

function ownRefusal(args) {
  const line = args.join(" ")
  // A whole command with its arguments, or the name of several.
  const known = ownCommands.some(
    (command) => `${line} `.startsWith(`${command} `) || `${command} `.startsWith(`${line} `.trimStart()),
  )
  return known ? undefined : `troupe has no command "${line}"`
}

function npxRefusal([name, ...args]) {
  if (ownPrograms.includes(name)) return ownRefusal(args)
  if (!exists(`node_modules/.bin/${name}`)) return `no package here has a program "${name}"`
  return name === "vitest" && args[0] === "run" ? unknownTests(args.slice(1)) : undefined
}

/** As a shell has them, as far as pages go: quotes keep blanks together. */
const wordsOf = (command) => [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)

/** A program that the build makes: there or not, it is named there. */
const isBuilt = (file) => {
  const name = /^dist\/server\/(\w+)\.mjs$/.exec(file)?.[1]
  return name !== undefined && read("scripts/build.mjs").includes(`${name}: "src/`)
}

function commandRefusal(command) {
  const words = wordsOf(command).filter((word) => !/^[A-Z][A-Z0-9_]*=/.test(word))
  const [program, ...args] = words
  if (program === "npm") return npmRefusal(args)
  if (program === "npx") return npxRefusal(args)
  const file = program === "node" ? args.find((arg) => !arg.startsWith("-")) : program
  return file === undefined || exists(file) || isBuilt(file) ? undefined : `there is no ${file}`
}

/** Tests that a page names by their file and their words: `x.test.ts`: "does it". */
const missingTests = (text) =>
  [...text.matchAll(/`([^`\n]+\.test\.tsx?)`: "([^"\n]+)"/g)].filter(
    ([, file, name]) => exists(file) && !read(file).includes(name),
  )

/** Variables that some program of ours reads. Those of timings are made of their names, as settings.ts does. */
const settings = read("src/settings.ts")
const timings = /defaultTimings = \{([\s\S]*?)\n\} as const/.exec(settings)?.[1] ?? ""
const variables = new Set([
  ...[...timings.matchAll(/^ {2}(\w+): /gm)].map(
    ([, name]) => `TROUPE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
  ),
  ...sources
    .filter((path) => /\.(?:ts|mjs)$/.test(path) && (!path.endsWith(".test.ts") || path.startsWith("test/e2e/")))
    .flatMap((path) => read(path).match(/\b(?:TROUPE|OPENAI|ANTHROPIC)_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []),
])

const problems = []
for (const page of pages) {
  const text = read(page)
  for (const path of missingPaths(text, page)) problems.push(`${page}: names ${path}, which is not there`)
  for (const [, file, name] of missingTests(text)) problems.push(`${page}: ${file} has no test "${name}"`)
  for (const command of new Set(commandsIn(text))) {
    const refusal = commandRefusal(command)
    if (refusal) problems.push(`${page}: \`${command}\` does not work: ${refusal}`)
  }
  for (const name of new Set(text.match(/\bTROUPE_[A-Z0-9_]*[A-Z0-9]\b/g)))
    if (!variables.has(name)) problems.push(`${page}: nothing reads the variable ${name}`)
}
const readme = read("README.md")
for (const [, name] of settings.matchAll(/env\["((?:TROUPE|OPENAI|ANTHROPIC)_\w+)"\]/g))
  if (!readme.includes(`\`${name}\``)) problems.push(`README.md: does not name the setting ${name}`)

for (const problem of [...new Set(problems)]) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
