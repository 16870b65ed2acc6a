import { useQuery } from "@tanstack/react-query"
import { Download, HardDriveDownload } from "lucide-react"
import { useEffect, useState } from "react"
import { messageOf } from "../../api/client.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { stepsQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { type MadeFile, makeFile, TooMuch } from "./make-file.ts"
import { fileSize } from "./file-size.ts"
import type { Written } from "./write-trace.ts"

type Making =
  | { readonly state: "making"; readonly so: Written | undefined; readonly bytes: number }
  | { readonly state: "made"; readonly so: Written; readonly made: MadeFile; readonly url: string }
  | { readonly state: "failed"; readonly words: string }

const wordsOf = (error: unknown): string => (error instanceof TooMuch ? error.message : messageOf(error))

/** Makes the file as long as it is wanted: who closes the dialog stops it. */
const useMadeFile = (chatId: string): { readonly making: Making; readonly again: () => void } => {
  const [making, setMaking] = useState<Making>({ state: "making", so: undefined, bytes: 0 })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    let url: string | undefined
    let so: Written = { version: 0, versions: 0, messages: 0 }
    makeFile(chatId, stop.signal, (now, bytes) => {
      so = now
      if (!stop.signal.aborted) setMaking({ state: "making", so, bytes })
    }).then(
      (made) => {
        if (stop.signal.aborted) return
        url = URL.createObjectURL(made.file)
        setMaking({ state: "made", so, made, url })
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setMaking({ state: "failed", words: wordsOf(error) })
      },
    )
    return () => {
      stop.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [chatId, tries])
  const again = () => {
    setMaking({ state: "making", so: undefined, bytes: 0 })
    setTries(tries + 1)
  }
  return { making, again }
}

const counted = (count: number, one: string): string => `${count.toLocaleString()} ${count === 1 ? one : `${one}s`}`

const Progress = ({ making }: { readonly making: Extract<Making, { readonly state: "making" }> }) => {
  const { so, bytes } = making
  const share = so === undefined || so.versions === 0 ? 0 : so.version / so.versions
  return (
    <div className="flex flex-col gap-1.5 text-xs text-ink-soft tabular-nums">
      <div
        role="progressbar"
        aria-label="The file is made"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="h-1 overflow-hidden rounded-full bg-selected"
      >
        <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${share})` }} />
      </div>
      {so === undefined
        ? "Reading the chat…"
        : `${so.version.toLocaleString()} of ${counted(so.versions, "version")}, ${fileSize(bytes)}`}
    </div>
  )
}

const HOLDS = [
  "Every version of this chat: its states, events, steps, times, tokens and cost",
  "All messages, queued messages, tool calls and their output, those that were edited away as well",
  "Texts of attempts that came to nothing, and what providers said when they failed",
  "The title, the owner's name, and the names of the models",
]

const LEFT_OUT = [
  "Keys and all else of providers and accounts",
  "What providers sealed for themselves: raw or encrypted reasoning, metadata",
  "Prompts of the system, of this deployment and of this chat, and summaries that only the model reads",
]

const List = ({ title, lines }: { readonly title: string; readonly lines: ReadonlyArray<string> }) => (
  <section className="flex flex-col gap-1">
    <h3 className="text-sm font-semibold">{title}</h3>
    <ul className="list-disc pl-5 text-sm text-ink-soft">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  </section>
)

interface ExportDialogProps {
  readonly chatId: string
  readonly onClose: () => void
}

const ExportDialog = ({ chatId, onClose }: ExportDialogProps) => {
  const { making, again } = useMadeFile(chatId)
  return (
    <Dialog
      open
      onClose={onClose}
      title="Export this chat"
      about="As one file, which opens in Trace of any Troupe: drop it onto a Trace page. Nothing is sent for it."
      className="top-[10vh] max-h-[80vh] w-lg overflow-y-auto p-5"
    >
      <div className="mt-3 flex flex-col gap-3.5">
        <List title="It holds" lines={HOLDS} />
        <List title="It leaves out" lines={LEFT_OUT} />
        <Callout tone="warning" title="Words are kept as they are">
          What people wrote and what tools printed is in the file, and so is a secret that is among it. Look before you
          pass it on.
        </Callout>
        {making.state === "making" && <Progress making={making} />}
        {making.state === "failed" && (
          <Callout
            tone="danger"
            role="alert"
            title="The file was not made"
            actions={<Button onClick={again}>Try again</Button>}
          >
            {making.words}
          </Callout>
        )}
        <div className="flex items-center justify-end gap-2">
          {making.state === "made" && (
            <p role="status" className="mr-auto text-xs text-ink-soft tabular-nums">
              {counted(making.so.versions, "version")}, {counted(making.so.messages, "message")},{" "}
              {fileSize(making.made.file.size)}
            </p>
          )}
          <Button look="quiet" onClick={onClose} data-first-focus>
            {making.state === "made" ? "Close" : "Cancel"}
          </Button>
          {making.state === "made" ? (
            <a href={making.url} download={making.made.name} className={buttonClass("primary")}>
              <HardDriveDownload aria-hidden className="size-4" />
              Save the file
            </a>
          ) : (
            <Button look="primary" disabled>
              Save the file
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  )
}

/** The chat as one file. A file that is looked at is one already. */
export const ExportButton = () => {
  const { source } = useTraceView()
  const [open, setOpen] = useState(false)
  const { data: steps } = useQuery(stepsQuery(source))
  if (source.kind !== "chat") return null
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={steps === undefined}>
        <Download aria-hidden className="size-4" />
        Export
      </Button>
      {open && <ExportDialog chatId={source.chatId} onClose={() => setOpen(false)} />}
    </>
  )
}
