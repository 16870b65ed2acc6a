import { asArray, asRecord, asRecords, asString, isRecord, type JsonRecord, parseJson } from "../json.ts"
import { type Commands, helpFor, parseCommands, type ToolCommand } from "./commands.ts"
import { nestsDeeper } from "../../contract/json-depth.ts"

/** What the simulator answers: a pure function of the request. */

export interface SimulatedReply {
  readonly reasoning: string
  readonly text: string
  readonly calls: ReadonlyArray<ToolCommand>
  /** Pause between words, in milliseconds. */
  readonly delayMs: number
  /** The whole reply is out by then, in milliseconds, in larger pieces if need be: only who asks for slowness gets it. */
  readonly withinMs: number
}

export interface SimulatedFailure {
  readonly status: number
  /** How many requests like this one fail before one is answered. */
  readonly times: number
}

export interface Script {
  readonly failure: SimulatedFailure | undefined
  readonly reply: SimulatedReply
}

/** Listed by `GET /models`. `simulator-N-dMS` (N words, MS milliseconds apart) is taken as well. */
export const SIMULATOR_MODELS: ReadonlyArray<{ readonly id: string; readonly name: string }> = [
  { id: "simulator", name: "Simulator (scripted, not an LLM)" },
  { id: "simulator-fast", name: "Simulator without pauses (scripted, not an LLM)" },
]

const WORD_DELAY_MS = 20
const LONGEST_REPLY_MS = 1_500
const QUOTE_LIMIT = 4_000
/** What is nested deeper is quoted as it came. */
const READABLE_DEPTH = 20

interface Pace {
  readonly delayMs: number
  /** Set by the models that always stream a fixed number of words. */
  readonly words: number | undefined
}

/** Undefined for a model that the simulator does not have. */
export const paceOf = (model: string): Pace | undefined => {
  if (model === "simulator") return { delayMs: WORD_DELAY_MS, words: undefined }
  if (model === "simulator-fast") return { delayMs: 0, words: undefined }
  const match = /^simulator-(\d{1,6})(?:-d(\d{1,5}))?$/.exec(model)
  return match ? { words: Number(match[1]), delayMs: Number(match[2] ?? 0) } : undefined
}

const contentText = (content: unknown): string =>
  typeof content === "string"
    ? content
    : asArray(content)
        .map((part) => asString(asRecord(part)?.["text"]) ?? "")
        .join("")

/** `w0 w1 w2 ...`: every word tells its place, so that a gap or a repeat shows. */
const numberedWords = (words: number): string => Array.from({ length: words }, (_, index) => `w${index}`).join(" ")

const cut = (text: string): string => (text.length <= QUOTE_LIMIT ? text : `${text.slice(0, QUOTE_LIMIT)}\n[cut]`)

const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = "`".repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}

/** What a person wants to see of a tool's result: its output, its content or its error. */
const readable = (result: string): string => {
  const parsed = parseJson(result)
  if (!isRecord(parsed) || nestsDeeper(parsed, READABLE_DEPTH)) return result
  const shown = ["output", "content", "error", "message", "report"].flatMap((field) => asString(parsed[field]) ?? [])
  const exitCode = parsed["exit_code"]
  const exit = typeof exitCode === "number" && exitCode !== 0 ? [`(exit code ${exitCode})`] : []
  return shown.length === 0 ? JSON.stringify(parsed, null, 2) : [...shown, ...exit].join("\n").trimEnd()
}

/** Tool results that stand at the end of the conversation, with the names of their calls. */
const trailingResults = (
  messages: ReadonlyArray<JsonRecord>,
): ReadonlyArray<{ readonly tool: string; readonly output: string }> => {
  const start = messages.findLastIndex((message) => message["role"] !== "tool") + 1
  const names = new Map(
    asArray(messages[start - 1]?.["tool_calls"]).map((call) => {
      const fields = asRecord(call)
      return [fields?.["id"], asString(asRecord(fields?.["function"])?.["name"]) ?? "a tool"] as const
    }),
  )
  return messages.slice(start).map((message) => ({
    tool: names.get(message["tool_call_id"]) ?? "a tool",
    output: readable(contentText(message["content"])),
  }))
}

const LABEL = "I am the simulator, a scripted model and not an LLM."

const listOf = (commands: ReadonlyArray<string>): string =>
  `These lines make me act:\n\n${commands.map((line) => `- ${line}`).join("\n")}`

const plainAnswer = (text: string, help: ReadonlyArray<string>): string => {
  const words = text.split(/\s+/).filter((word) => word !== "").length
  const echo = text === "" ? "You sent no text." : `You wrote (words: ${words}): ${cut(text)}`
  return `${LABEL} ${echo}\n\n${listOf(help)}`
}

/** `tools` are those that may be called, by name. */
const answer = ({ help, refusals, text, think, tools: asked }: Commands, tools: ReadonlySet<unknown>): string => {
  const missing = asked.filter(({ tool }) => !tools.has(tool))
  const sentences = [
    ...refusals,
    ...missing.map(({ tool }) => `The tool ${tool} is not available in this chat right now.`),
  ]
  if (sentences.length > 0) return [LABEL, ...sentences].join(" ")
  if (asked.length > 0 && !help) return ""
  return think === undefined ? plainAnswer(text, helpFor(tools)) : `${LABEL} I thought: ${think}`
}

/** Where the system prompt puts the plan file, so that `/plan` needs no path. */
const planPathIn = (messages: ReadonlyArray<JsonRecord>): string | undefined => {
  const system = messages
    .filter((message) => message["role"] === "system")
    .map((message) => contentText(message["content"]))
  return /\/[\w./-]*plan[\w./-]*\.md\b/i.exec(system.join("\n"))?.[0]
}

/**
 * Messages that nobody has answered come as one, with a blank line between them. Only the last is acted on: what failed before
 * is not to fail, or to run, once more.
 */
const lastParagraph = (text: string): string => text.slice(text.trimEnd().lastIndexOf("\n\n") + 1).trim()

/** Undefined for an unknown model. `body` is a Chat Completions request. */
export const scriptFor = (body: JsonRecord): Script | undefined => {
  const pace = paceOf(asString(body["model"]) ?? "")
  if (!pace) return undefined
  const messages = asRecords(body["messages"])
  const { delayMs } = pace
  const withinMs = LONGEST_REPLY_MS
  const results = trailingResults(messages)
  if (results.length > 0) {
    const quotes = results.map(({ output, tool }) => `${tool} answered:\n\n${fenced(cut(output))}`)
    return { failure: undefined, reply: { reasoning: "", text: quotes.join("\n\n"), calls: [], delayMs, withinMs } }
  }
  const last = messages.findLast((message) => message["role"] === "user")
  const said = contentText(last?.["content"])
  const planPath = planPathIn(messages)
  const commands = parseCommands(lastParagraph(said), planPath)
  const offered = asArray(body["tools"]).map((tool) => asRecord(asRecord(tool)?.["function"])?.["name"])
  const tools = new Set(body["tool_choice"] === "none" ? [] : offered)
  const words = commands.slow?.words ?? (commands.tools.length === 0 ? pace.words : undefined)
  return {
    failure: commands.error,
    reply: {
      reasoning: commands.think ?? "",
      text:
        words === undefined
          ? answer({ ...commands, text: parseCommands(said, planPath).text }, tools)
          : numberedWords(words),
      calls: commands.tools.filter(({ tool }) => tools.has(tool)),
      delayMs: commands.slow?.delayMs ?? delayMs,
      withinMs: words === undefined ? withinMs : Number.POSITIVE_INFINITY,
    },
  }
}
