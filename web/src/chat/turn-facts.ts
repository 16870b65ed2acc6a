import type { ToolResultPart } from "../../../src/contract/parts.ts"
import { duration } from "../chats/time.ts"
import { changesOf } from "../tools/changes.ts"
import { rendererOf } from "../tools/registry.ts"
import { toolCall } from "../tools/tool-call.ts"
import type { Turn } from "./turns.ts"

/** What a finished turn came to. */
export interface TurnFacts {
  /** From the prompt to the last that was said; undefined where the prompt is not known. */
  readonly milliseconds: number | undefined
  /** Answers of the model, each with the results of the tools it called. */
  readonly steps: number
  readonly failed: number
  /** Attempts that came to nothing. */
  readonly retries: number
  readonly files: number
  readonly added: number
  readonly removed: number
  /** There may be more above what is loaded. */
  readonly partial: boolean
}

type Results = ReadonlyMap<string, ToolResultPart>

const timeOf = (times: ReadonlyArray<string | undefined>): number =>
  Math.max(...times.map((time) => Date.parse(time ?? "")).filter((ms) => !Number.isNaN(ms)))

export const factsOf = ({ entries, partial, prompt, stoppedAt }: Turn, results: Results): TurnFacts => {
  const messages = entries.flatMap((row) => (row.kind === "message" ? [row.message] : []))
  const parts = messages.flatMap(({ content }) => content.flatMap((part) => (part.type === "tool-call" ? [part] : [])))
  const calls = parts.map((part) => {
    const facts = { result: results.get(part.tool_call_id), turnRuns: false, asked: false, denied: false }
    return toolCall(part, facts, rendererOf(part.tool_name))
  })
  const changes = calls.filter(({ state }) => state === "done").flatMap(changesOf)
  const ends = [
    stoppedAt,
    ...messages.map(({ created_at }) => created_at),
    ...parts.map(({ tool_call_id }) => results.get(tool_call_id)?.created_at),
  ]
  const milliseconds = prompt === undefined ? Number.NaN : timeOf(ends) - Date.parse(prompt.created_at)
  return {
    milliseconds: milliseconds >= 0 && Number.isFinite(milliseconds) ? milliseconds : undefined,
    steps: messages.length,
    failed: calls.filter(({ state }) => state === "failed").length,
    retries: entries.length - messages.length,
    files: new Set(changes.map(({ path }) => path)).size,
    added: changes.reduce((sum, { added }) => sum + added, 0),
    removed: changes.reduce((sum, { removed }) => sum + removed, 0),
    partial,
  }
}

const counted = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`

/** One line: `2 min 14 s, 9 steps, 3 files +12 −4, 1 failed`. What is nothing is left out. */
export const factsLine = (facts: TurnFacts): string => {
  const steps = counted(facts.steps, "step")
  return [
    facts.milliseconds === undefined ? undefined : duration(facts.milliseconds),
    facts.partial ? `at least ${steps}` : steps,
    facts.files === 0 ? undefined : `${counted(facts.files, "file")} +${facts.added} −${facts.removed}`,
    facts.retries === 0 ? undefined : counted(facts.retries, "retry", "retries"),
    facts.failed === 0 ? undefined : `${facts.failed} failed`,
  ]
    .filter((fact) => fact !== undefined)
    .join(", ")
}
