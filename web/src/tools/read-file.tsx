import { FileText } from "lucide-react"
import { fileName } from "./file-name.ts"
import { Output } from "./output.tsx"
import { numberField, reportsNoSuccess, textField, type ToolRenderer, wordingFor } from "./tool-call.ts"

/** Lines come as number, tab, text. */
const numberedLine = (line: string): readonly [number: string, text: string] => {
  const tab = line.indexOf("\t")
  return tab === -1 ? ["", line] : [line.slice(0, tab).trim(), line.slice(tab + 1)]
}

const Lines = ({ content }: { readonly content: string }) =>
  content
    .replace(/\n$/, "")
    .split("\n")
    .map((line, index) => {
      const [number, text] = numberedLine(line)
      return (
        <span key={index} className="flex gap-3">
          <span aria-hidden className="w-8 shrink-0 text-right text-ink-faint select-none">
            {number}
          </span>
          <span className="min-w-0">{text || " "}</span>
        </span>
      )
    })

export const readFile: ToolRenderer = {
  Icon: FileText,
  title: ({ args, state }) =>
    `${wordingFor(state, { going: "Reading", done: "Read", asked: "Read" })} ${fileName(textField(args, "path"))}`,
  object: ({ args }) => fileName(textField(args, "path")),
  reportsFailure: reportsNoSuccess,
  note: ({ result }) => {
    const lines = numberField(result, "lines_read")
    return lines === undefined ? undefined : `${lines} ${lines === 1 ? "line" : "lines"}`
  },
  hasBody: ({ result }) => (textField(result, "content") ?? "") !== "",
  Body: ({ call }) => {
    const path = textField(call.args, "path")
    return (
      <Output label="File" title={path !== fileName(path) && path}>
        <Lines content={textField(call.result, "content") ?? ""} />
      </Output>
    )
  },
}
