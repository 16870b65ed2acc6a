import type { TraceHead, TracePage } from "../../../../src/contract/trace.ts"
import { FORMAT, FORMAT_VERSION } from "./check-head.ts"

/** A Trace file, written: what `docs/trace-file.md` describes. It holds what its two questions are answered with, and nothing else. */

/** What the page knows of the chat beside its life. */
export interface TraceNames {
  readonly chat_id: string
  readonly title: string
  readonly owner_id: string
  readonly owner_name: string
  /** Names of models, by the id. */
  readonly models: Readonly<Record<string, string>>
}

export interface TraceReads {
  readonly head: () => Promise<TraceHead>
  readonly page: (version: number, after: number) => Promise<TracePage>
}

export interface Written {
  readonly version: number
  /** Of how many. */
  readonly versions: number
  readonly messages: number
}

const line = (mark: "[" | ",", value: unknown): string => `${mark}${JSON.stringify(value)}\n`

/** The file piece by piece, each with how far it goes. The models are those that its attempts name. */
export async function* traceFile(
  { head: readHead, page: readPage }: TraceReads,
  { models, ...names }: TraceNames,
  exportedAt: Date,
): AsyncGenerator<{ readonly text: string; readonly so: Written }> {
  const head = await readHead()
  const { version } = head
  const used = new Set(head.steps.attempts.map(({ model_config_id }) => model_config_id))
  const first = {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    exported_at: exportedAt.toISOString(),
    ...names,
    models: Object.fromEntries(Object.entries(models).filter(([id]) => used.has(id))),
    ...head,
  }
  let so: Written = { version: 0, versions: version, messages: 0 }
  let count = 0
  yield { text: line("[", first), so }
  for (let more = true, after = 0; more;) {
    const { until, has_more, transitions, messages, queued, calls } = await readPage(version, after)
    count += transitions.length
    so = { version: until, versions: version, messages: so.messages + messages.length }
    const records = { messages, queued, calls }
    const hasRecords = Object.values(records).some((rows) => rows.length > 0)
    yield {
      text: line(",", { transitions }) + (hasRecords ? line(",", records) : ""),
      so,
    }
    more = has_more
    after = until
  }
  yield { text: `${line(",", { end: { transitions: count, messages: so.messages } })}]\n`, so }
}

/** A name for it that every system takes. */
export const fileNameOf = (title: string): string => {
  const words = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-|-$/g, "")
  return `troupe-trace-${words === "" ? "chat" : words}.json`
}
