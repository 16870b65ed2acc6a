import { ListTree } from "lucide-react"
import { fieldOf, listField, numberField, textField, type ToolRenderer, wordingFor } from "./tool-call.ts"

const stateOf = (process: unknown): string => {
  if (fieldOf(process, "running") === true) return "running"
  const exit = numberField(process, "exit_code")
  return exit === undefined ? "ended" : `exit code ${exit}`
}

export const processList: ToolRenderer = {
  Icon: ListTree,
  title: ({ state }) =>
    wordingFor(state, { going: "Listing processes", done: "Listed processes", asked: "List processes" }),
  note: ({ state, result }) => (state !== "done" ? undefined : String(listField(result, "processes").length)),
  hasBody: ({ result }) => listField(result, "processes").length > 0,
  Body: ({ call }) => (
    <ul className="divide-y divide-line overflow-hidden rounded-control border border-line bg-sunken">
      {listField(call.result, "processes").map((process, index) => (
        <li key={textField(process, "id") ?? index} className="flex items-center gap-3 px-3 py-1.5 text-xs">
          <code className="min-w-0 flex-1 truncate font-mono">{textField(process, "command")}</code>
          <span className="shrink-0 text-ink-faint">{stateOf(process)}</span>
        </li>
      ))}
    </ul>
  ),
}
