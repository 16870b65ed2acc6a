import { MessageCircleQuestion } from "lucide-react"
import { fieldOf, listField, textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

const questionsOf = ({ args }: ToolCall) => listField(args, "questions")

const Question = ({ question }: { readonly question: unknown }) => (
  <li className="flex flex-col gap-1.5">
    <p className="font-medium text-ink">{textField(question, "question")}</p>
    <ul className="flex flex-col gap-1 text-ink-soft">
      {listField(question, "options").map((option, index) => (
        <li key={index}>
          {textField(option, "label") ?? (typeof option === "string" ? option : "")}
          {textField(option, "description") !== undefined && (
            <span className="text-ink-faint"> {textField(option, "description")}</span>
          )}
        </li>
      ))}
    </ul>
  </li>
)

/** Questions to the person, who answers with a message. */
export const askUserQuestion: ToolRenderer = {
  Icon: MessageCircleQuestion,
  title: (call) => {
    const count = questionsOf(call).length
    return `${wordingFor(call.state, { going: "Asking", done: "Asked", asked: "Ask" })} ${count > 1 ? `${count} questions` : "a question"}`
  },
  hasBody: (call) => questionsOf(call).some((question) => fieldOf(question, "question") !== undefined),
  Body: ({ call }) => (
    <ol className="flex flex-col gap-3 rounded-card border border-line px-4 py-3 text-sm">
      {questionsOf(call).map((question, index) => (
        <Question key={index} question={question} />
      ))}
    </ol>
  ),
  opens: true,
}
