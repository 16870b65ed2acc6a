import { Globe } from "lucide-react"
import { fieldOf, listField, textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

interface Found {
  readonly url: string
  readonly title: string
}

/** Pages that were found, each once. Only what leads to the web is a link. */
const foundBy = ({ result }: ToolCall): ReadonlyArray<Found> => {
  const lists = [result, fieldOf(result, "results"), fieldOf(result, "sources"), fieldOf(result, "content")]
  const items = lists.flatMap((list): ReadonlyArray<unknown> => (Array.isArray(list) ? list : []))
  const pages = new Map<string, Found>()
  for (const item of items) {
    const url = textField(item, "url")
    if (url !== undefined && /^https?:\/\//i.test(url) && !pages.has(url)) {
      pages.set(url, { url, title: textField(item, "title") ?? url })
    }
  }
  return [...pages.values()]
}

const queryOf = ({ args }: ToolCall): string | undefined =>
  textField(args, "query") ??
  listField(args, "queries")
    .find((query) => typeof query === "string")
    ?.toString()

export const webSearch: ToolRenderer = {
  Icon: Globe,
  title: (call) =>
    [
      wordingFor(call.state, { going: "Searching the web", done: "Searched the web", asked: "Search the web" }),
      queryOf(call),
    ]
      .filter((word) => word !== undefined)
      .join(" "),
  object: queryOf,
  note: (call) => {
    const { length } = foundBy(call)
    return length === 0 ? undefined : `${length} ${length === 1 ? "page" : "pages"}`
  },
  hasBody: (call) => foundBy(call).length > 0,
  Body: ({ call }) => (
    <ul className="flex flex-col gap-1 rounded-card border border-line px-4 py-3 text-sm">
      {foundBy(call).map(({ title, url }) => (
        <li key={url} className="truncate">
          <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="text-accent">
            {title}
          </a>
        </li>
      ))}
    </ul>
  ),
}
