import { parseJson } from "../json.ts"
import { MOST_JSON_LEVELS, nestsDeeper } from "../../contract/json-depth.ts"

/** The slash commands of the simulator: what a line of a user's message asks the scripted model to do. */

export interface ToolCommand {
  readonly tool: string
  /** Argument text as it goes on the wire. `/tool` may hand on broken JSON on purpose. */
  readonly args: string
}

/** A message, read line by line. What is no command is `text`. */
export interface Commands {
  readonly tools: ReadonlyArray<ToolCommand>
  /** What a command asked for and does not get: sentences for the reader. */
  readonly refusals: ReadonlyArray<string>
  readonly text: string
  readonly think: string | undefined
  /** Fail with this status; always, or the given number of times. */
  readonly error: { readonly status: number; readonly times: number } | undefined
  readonly slow: { readonly words: number; readonly delayMs: number | undefined } | undefined
  readonly help: boolean
}

const MAX_WORDS = 100_000
const MAX_DELAY_MS = 60_000

const DEFAULT_PLAN_PATH = "PLAN.md"

/** The first word and what follows it. */
const splitFirst = (text: string): readonly [string, string] => {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(text)
  return [match?.[1] ?? "", match?.[2] ?? ""]
}

const askArgs = (question: string) => ({
  questions: [
    {
      header: "Simulator",
      question: question === "" ? "Shall the simulator go on?" : question,
      options: [
        { label: "Yes", description: "Go on" },
        { label: "No", description: "Stop here" },
      ],
    },
  ],
})

const spawnArgs = (rest: string) => {
  const [first, prompt] = splitFirst(rest)
  return ["explore", "general", "computer_use"].includes(first)
    ? { type: first, prompt: prompt === "" ? "Look around." : prompt }
    : { type: "general", prompt: rest === "" ? "Look around." : rest }
}

const count = (text: string | undefined, least: number, most: number): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Math.min(Math.max(Number(text), least), most) : undefined

/** What the lines read so far ask for. */
interface Draft {
  readonly tools: Array<ToolCommand>
  readonly refusals: Array<string>
  readonly thoughts: Array<string>
  error: Commands["error"]
  slow: Commands["slow"]
  help: boolean
}

interface Command {
  /** What to write, beginning with the slash and the name. */
  readonly usage: string
  readonly does: string
  /** Whether it can do anything where these tools are offered. */
  readonly works: (tools: ReadonlySet<unknown>) => boolean
  /** Notes what a line asks for; `rest` is what stands behind the name. */
  readonly read: (draft: Draft, rest: string, planPath: string | undefined) => void
}

const always = () => true

/** A command that is a call of one tool. */
const calling = (
  tool: string,
  usage: string,
  does: string,
  args: (rest: string, planPath: string | undefined) => unknown,
): Command => ({
  usage,
  does: `${does} (${tool})`,
  works: (tools) => tools.has(tool),
  read: ({ tools }, rest, planPath) => tools.push({ tool, args: JSON.stringify(args(rest, planPath)) }),
})

const callAny = ({ refusals, tools }: Draft, rest: string): void => {
  const [tool, args] = splitFirst(rest)
  if (tool === "") refusals.push("/tool needs the name of a tool.")
  else if (nestsDeeper(parseJson(args))) {
    refusals.push(`The arguments of ${tool} are nested deeper than ${MOST_JSON_LEVELS} levels, so I did not call it.`)
  } else tools.push({ tool, args: args === "" ? "{}" : args })
}

const COMMANDS: ReadonlyArray<Command> = [
  calling("execute", "/run COMMAND", "run a shell command in the workspace", (command) => ({ command })),
  calling("read_file", "/read PATH", "read a file", (path) => ({ path })),
  calling("write_file", "/write PATH TEXT", "write a file", (rest) => {
    const [path, content] = splitFirst(rest)
    return { path, content: `${content}\n` }
  }),
  calling("propose_plan", "/plan [PATH]", "propose the plan file", (path, planPath) => ({
    path: path === "" ? (planPath ?? DEFAULT_PLAN_PATH) : path,
  })),
  calling("ask_user_question", "/ask [QUESTION]", "ask you a question", askArgs),
  calling("spawn_agent", "/spawn explore|general PROMPT", "start a subagent", spawnArgs),
  {
    usage: "/tool NAME JSON",
    does: "call any tool with these arguments",
    works: (tools) => tools.size > 0,
    read: callAny,
  },
  {
    usage: "/think TEXT",
    does: "think aloud, then answer",
    works: always,
    read: ({ thoughts }, rest) => thoughts.push(rest),
  },
  {
    usage: "/slow WORDS [MS]",
    does: "stream that many words, MS milliseconds apart",
    works: always,
    read: (draft, rest) => {
      const [words, delay] = rest.split(/\s+/)
      draft.slow = { words: count(words, 1, MAX_WORDS) ?? 100, delayMs: count(delay, 0, MAX_DELAY_MS) }
    },
  },
  {
    usage: "/error STATUS [TIMES]",
    does: "fail with an HTTP status, always or the first TIMES times",
    works: always,
    read: (draft, rest) => {
      const [status, times] = rest.split(/\s+/)
      draft.error = { status: count(status, 400, 599) ?? 500, times: count(times, 1, 1000) ?? Number.POSITIVE_INFINITY }
    },
  },
  {
    usage: "/help",
    does: "show this list",
    works: always,
    read: (draft) => {
      draft.help = true
    },
  },
]

const byName = new Map(COMMANDS.map((command) => [splitFirst(command.usage)[0].slice(1), command]))

/** A line for each command that works where these tools are offered. */
export const helpFor = (tools: ReadonlySet<unknown>): ReadonlyArray<string> =>
  COMMANDS.filter(({ works }) => works(tools)).map(({ does, usage }) => `${usage}: ${does}`)

/** `planPath` is where `/plan` without a path looks. */
export const parseCommands = (message: string, planPath: string | undefined): Commands => {
  const draft: Draft = { tools: [], refusals: [], thoughts: [], error: undefined, slow: undefined, help: false }
  const text: Array<string> = []
  for (const line of message.split("\n")) {
    const [, name = "", rest = ""] = /^\s*\/([a-z]+)(?:\s+(.*))?$/.exec(line) ?? []
    const command = byName.get(name)
    if (command) command.read(draft, rest.trim(), planPath)
    else text.push(line)
  }
  const { thoughts, ...asked } = draft
  return { ...asked, text: text.join("\n").trim(), think: thoughts.length === 0 ? undefined : thoughts.join("\n") }
}
