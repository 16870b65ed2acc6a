import { FileClock, X } from "lucide-react"
import { useEffect, useMemo, useState } from "react"
import { Page } from "../../shell/page.tsx"
import { Bar } from "../../ui/bar.tsx"
import { Button, buttonClass } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { TraceFrame } from "../trace-frame.tsx"
import { TraceViewProvider } from "../trace-source.ts"
import { takeDropped } from "./dropped-file.ts"
import { type FileTrace, openFile } from "./file-source.ts"
import { fileSize } from "./file-size.ts"
import { DropHint, useDroppedFile } from "./open-file.tsx"
import { LARGEST_FILE, TraceFileError } from "./open-trace.ts"

type Opening =
  | { readonly state: "none" }
  | { readonly state: "opening"; readonly file: File; readonly read: number }
  | { readonly state: "open"; readonly trace: FileTrace }
  | { readonly state: "failed"; readonly name: string; readonly words: string }

const UNEXPECTED = "Something went wrong in this page while it read the file."

/** One file at a time: the next takes the place of the one before, and who leaves the page closes it. */
const useOpenedFile = () => {
  const [file, setFile] = useState<File | undefined>(takeDropped)
  const [opening, setOpening] = useState<Opening>(
    file === undefined ? { state: "none" } : { state: "opening", file, read: 0 },
  )
  useEffect(() => {
    if (file === undefined) return undefined
    const stop = new AbortController()
    let trace: FileTrace | undefined
    openFile(file, stop.signal, (read) => setOpening({ state: "opening", file, read })).then(
      (opened) => {
        if (stop.signal.aborted) return opened.close()
        trace = opened
        setOpening({ state: "open", trace })
      },
      (error: unknown) => {
        if (stop.signal.aborted) return
        setOpening({
          state: "failed",
          name: file.name,
          words: error instanceof TraceFileError ? error.message : UNEXPECTED,
        })
      },
    )
    return () => {
      stop.abort()
      trace?.close()
    }
  }, [file])
  const open = (next: File) => {
    setOpening({ state: "opening", file: next, read: 0 })
    setFile(next)
  }
  const cancel = () => {
    setFile(undefined)
    setOpening({ state: "none" })
  }
  return { opening, open, cancel }
}

const ChooseFile = ({ onFile, label }: { readonly onFile: (file: File) => void; readonly label: string }) => (
  <label className={`${buttonClass()} cursor-pointer focus-within:outline-2 focus-within:outline-accent`}>
    {label}
    <input
      type="file"
      accept=".json,application/json"
      className="sr-only"
      onChange={({ target }) => {
        const [file] = target.files ?? []
        // The same file can be chosen again, once it is another one.
        target.value = ""
        if (file !== undefined) onFile(file)
      }}
    />
  </label>
)

/** Nothing in it can act, and everything says so. */
const Banner = ({ trace }: { readonly trace: FileTrace }) => (
  <p
    role="note"
    className="flex shrink-0 flex-wrap items-center gap-x-2 border-b border-warning/25 bg-warning-fill px-4 py-1.5 text-sm text-ink"
  >
    <FileClock aria-hidden className="size-4 shrink-0 text-warning" />
    <strong className="font-semibold">You look at a file.</strong> Nothing here can be sent.
    <span className="text-ink-soft tabular-nums">
      Exported {new Date(trace.exportedAt).toLocaleString()} by whoever made it, of chat{" "}
      {proseText(trace.chatId).slice(0, 8)}.
    </span>
  </p>
)

interface ShownProps {
  readonly trace: FileTrace
  readonly onFile: (file: File) => void
}

const Shown = ({ trace, onFile }: ShownProps) => {
  const [version, setVersion] = useState<number | undefined>(undefined)
  const view = useMemo(() => ({ source: trace.source, version, goTo: setVersion }), [trace.source, version])
  return (
    <TraceViewProvider value={view}>
      <TraceFrame
        title={proseText(trace.title) || "A chat"}
        lead={<FileClock aria-hidden className="ml-2 size-4.5 shrink-0 text-warning" />}
        actions={<ChooseFile label="Open another" onFile={onFile} />}
        notice={<Banner trace={trace} />}
      />
    </TraceViewProvider>
  )
}

/** A Trace file, looked at: a chat of anywhere, shown like those of this server, of which nothing can be sent or followed. */
export const TraceFilePage = () => {
  const { opening, open, cancel } = useOpenedFile()
  const above = useDroppedFile(open)
  const trace = opening.state === "open" ? opening.trace : undefined
  const title = trace === undefined ? "Trace file" : proseText(trace.title) || "A chat"
  useEffect(() => {
    document.title = `${title} · Troupe`
  }, [title])
  return (
    <Page>
      {trace === undefined ? (
        <>
          <Bar title={title} />
          <div className="reading-column flex w-full flex-col gap-4 pt-10">
            {opening.state === "failed" && (
              <Callout tone="danger" role="alert" title={`${proseText(opening.name)} was not opened`}>
                {opening.words}
              </Callout>
            )}
            {opening.state === "opening" ? (
              <div role="status" className="flex items-center gap-3 text-sm text-ink-soft tabular-nums">
                <span className="min-w-0 truncate">
                  Reading {proseText(opening.file.name)}: {fileSize(opening.read)} of {fileSize(opening.file.size)}
                </span>
                <Button look="quiet" onClick={cancel}>
                  <X aria-hidden className="size-4" />
                  Cancel
                </Button>
              </div>
            ) : (
              <div className="flex flex-col items-center gap-3 rounded-card border border-dashed border-line-strong px-4 py-10 text-center text-sm text-ink-soft">
                <p className="max-w-md">
                  Drop a file here that was exported from a Trace, or choose one. It is read in this browser, of at most{" "}
                  {LARGEST_FILE / 1024 / 1024} MiB, and nothing of it is sent anywhere.
                </p>
                <ChooseFile label="Choose a file" onFile={open} />
              </div>
            )}
          </div>
        </>
      ) : (
        <Shown key={trace.source.key} trace={trace} onFile={open} />
      )}
      {above && <DropHint />}
    </Page>
  )
}
