import { parseJson } from "../json.ts"

/** The slash commands of the simulator: what a line of a user's message asks the scripted model to do. */

export interface ToolCommand {
  readonly tool: string
  /** Argument text as it goes on the wire. `/tool` may hand on broken JSON on purpose. */
  readonly args: string
}

/** A message, read line by line. What is no command is `text`. */
export interface Commands {
  readonly tools: ReadonlyArray<ToolCommand>
  readonly text: string
  readonly think: string | undefined
  /** Fail with this status; always, or the given number of times. */
  readonly error: { readonly status: number; readonly times: number } | undefined
  readonly slow: { readonly words: number; readonly delayMs: number | undefined } | undefined
  readonly help: boolean
}

export const HELP = [
  "/run COMMAND: run a shell command in the workspace (execute)",
  "/read PATH: read a file (read_file)",
  "/write PATH TEXT: write a file (write_file)",
  "/plan [PATH]: propose the plan file (propose_plan)",
  "/ask [QUESTION]: ask you a question (ask_user_question)",
  "/spawn explore|general PROMPT: start a subagent (spawn_agent)",
  "/tool NAME JSON: call any tool with these arguments",
  "/think TEXT: think aloud, then answer",
  "/slow WORDS [MS]: stream that many words, MS milliseconds apart",
  "/error STATUS [TIMES]: fail with an HTTP status, always or the first TIMES times",
  "/help: show this list",
]

const MAX_WORDS = 100_000
const MAX_DELAY_MS = 60_000

const DEFAULT_PLAN_PATH = "PLAN.md"

const call = (tool: string, args: unknown): ToolCommand => ({ tool, args: JSON.stringify(args) })

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

/** The tool call that a command stands for; undefined when the line is no tool command. */
const toolCommand = (name: string, rest: string, planPath: string | undefined): ToolCommand | undefined => {
  switch (name) {
    case "run":
      return call("execute", { command: rest })
    case "read":
      return call("read_file", { path: rest })
    case "write": {
      const [path, content] = splitFirst(rest)
      return call("write_file", { path, content: `${content}\n` })
    }
    case "plan":
      return call("propose_plan", { path: rest === "" ? (planPath ?? DEFAULT_PLAN_PATH) : rest })
    case "ask":
      return call("ask_user_question", askArgs(rest))
    case "spawn":
      return call("spawn_agent", spawnArgs(rest))
    case "tool": {
      const [tool, args] = splitFirst(rest)
      if (tool === "") return undefined
      return { tool, args: args === "" ? "{}" : (JSON.stringify(parseJson(args)) ?? args) }
    }
    default:
      return undefined
  }
}

const count = (text: string | undefined, least: number, most: number): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Math.min(Math.max(Number(text), least), most) : undefined

/** `planPath` is where `/plan` without a path looks. */
export const parseCommands = (message: string, planPath: string | undefined): Commands => {
  const tools: Array<ToolCommand> = []
  const text: Array<string> = []
  const thoughts: Array<string> = []
  let error: Commands["error"]
  let slow: Commands["slow"]
  let help = false
  for (const line of message.split("\n")) {
    const match = /^\s*\/([a-z]+)(?:\s+(.*))?$/.exec(line)
    const name = match?.[1] ?? ""
    const rest = (match?.[2] ?? "").trim()
    const words = rest.split(/\s+/)
    const tool = match ? toolCommand(name, rest, planPath) : undefined
    if (tool) tools.push(tool)
    else if (name === "think") thoughts.push(rest)
    else if (name === "help") help = true
    else if (name === "error") {
      error = { status: count(words[0], 400, 599) ?? 500, times: count(words[1], 1, 1000) ?? Number.POSITIVE_INFINITY }
    } else if (name === "slow") {
      slow = { words: count(words[0], 1, MAX_WORDS) ?? 100, delayMs: count(words[1], 0, MAX_DELAY_MS) }
    } else text.push(line)
  }
  return {
    tools,
    text: text.join("\n").trim(),
    think: thoughts.length === 0 ? undefined : thoughts.join("\n"),
    error,
    slow,
    help,
  }
}
