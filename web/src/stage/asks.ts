import type { ChatBoard } from "../../../src/contract/board.ts"
import { type AskedCall, groupCalls } from "../approvals/asked-calls.ts"
import { fieldOf, listField, textField } from "../tools/tool-call.ts"

/** What a card asks: calls that wait for a person, and questions of the client's own tools. */

const MOST_CALLS = 4
const MOST_LINES = 6
const MOST_CHARACTERS = 320

export interface Asked {
  /** With every character of what they do. */
  readonly calls: ReadonlyArray<AskedCall>
  /** All of them are there, and short enough to be read on a card: else they are decided about on the sheet. */
  readonly whole: boolean
}

export const askedOf = ({ approvals, asked }: Pick<ChatBoard, "approvals" | "asked">): Asked => {
  const calls = groupCalls(approvals).flatMap((group) => group.calls)
  const texts = calls.map(({ whole }) => whole)
  const lines = texts.reduce((sum, text) => sum + text.split("\n").length, 0)
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  return {
    calls,
    whole: asked === calls.length && calls.length <= MOST_CALLS && lines <= MOST_LINES && characters <= MOST_CHARACTERS,
  }
}

export interface Question {
  readonly callId: string
  readonly question: string
  /** Labels, at most nine: each has a key. */
  readonly options: ReadonlyArray<string>
}

const MOST_OPTIONS = 8

const parsed = (args: string): unknown => {
  try {
    return JSON.parse(args)
  } catch {
    return undefined
  }
}

const labelOf = (option: unknown): string | undefined =>
  typeof option === "string"
    ? option
    : typeof fieldOf(option, "label") === "string"
      ? String(fieldOf(option, "label"))
      : undefined

/** One question that is all the chat waits for; whatever else a client's tool may want is for the client to give. */
export const questionOf = ({ tool_calls }: Pick<ChatBoard, "tool_calls">): Question | undefined => {
  const [call, ...others] = tool_calls
  if (call === undefined || others.length > 0) return undefined
  const args = parsed(call.args)
  const questions = listField(args, "questions")
  const asked = questions.length === 0 ? args : questions[0]
  const question = textField(asked, "question")
  if (question === undefined || questions.length > 1) return undefined
  const options = listField(asked, "options").flatMap((option) => labelOf(option) ?? [])
  return { callId: call.tool_call_id, question, options: options.slice(0, MOST_OPTIONS) }
}
