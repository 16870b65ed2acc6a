import { type OpenedTrace, openTrace, TraceFileError } from "./open-trace.ts"

/** Reads a Trace file beside the page, which stays quick however large it is. It makes no request and knows nothing of the page. */

export type Asked =
  | { readonly type: "open"; readonly file: Blob }
  | { readonly type: "at"; readonly version: number }
  | { readonly type: "transitions"; readonly after: number; readonly limit: number }

export interface Answers {
  readonly open: Pick<OpenedTrace, "head" | "counts">
  readonly at: Awaited<ReturnType<OpenedTrace["at"]>>
  readonly transitions: Awaited<ReturnType<OpenedTrace["transitions"]>>
}

export type Told =
  | { readonly id: number; readonly progress: number }
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  /** A sentence for people, or nothing where it is our fault. */
  | { readonly id: number; readonly refusal: string | undefined }

const tell = (told: Told) => self.postMessage(told)

/** Progress is told each time so many bytes more have been read. */
const PROGRESS_BYTES = 1024 * 1024

let opened: OpenedTrace | undefined

const answerTo = async (id: number, asked: Asked): Promise<Answers[keyof Answers]> => {
  if (asked.type === "open") {
    let told = 0
    opened = await openTrace(asked.file, {
      onProgress: (bytes) => {
        if (bytes - told < PROGRESS_BYTES) return
        told = bytes
        tell({ id, progress: bytes })
      },
    })
    return { head: opened.head, counts: opened.counts }
  }
  if (opened === undefined) throw new Error("Nothing is open")
  return asked.type === "at" ? opened.at(asked.version) : opened.transitions(asked.after, asked.limit)
}

self.addEventListener("message", ({ data }: MessageEvent<{ readonly id: number; readonly asked: Asked }>) => {
  const { id, asked } = data
  answerTo(id, asked).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, refusal: error instanceof TraceFileError ? error.message : undefined }),
  )
})
