import type { Message } from "../../../../src/contract/chats.ts"
import { ApiError } from "../../api/client.ts"
import type { TraceSource } from "../trace-source.ts"
import { NO_CHAT } from "./check-messages.ts"
import { tooLarge, TraceFileError } from "./open-trace.ts"
import type { Answers, Asked, Told } from "./trace-worker.ts"

/** A Trace file as a source: all that is shown of it comes from a worker that reads it, and from nowhere else. */

export interface FileTrace {
  readonly source: TraceSource
  readonly title: string
  /** Of the one who has the chat. */
  readonly ownerName: string
  /** What it calls the chat that it was made of: to be shown, and not to be followed. */
  readonly chatId: string
  readonly exportedAt: string
  readonly version: number
  readonly messages: number
  readonly close: () => void
}

interface Waiting {
  readonly answer: (value: unknown) => void
  readonly refuse: (error: unknown) => void
  readonly progress: (bytes: number) => void
}

const BROKEN = "The file could not be read by this page. Reload the page and open it again."

/** Asks a worker and waits for what it answers. When it ends, so do all questions. */
const startWorker = () => {
  const worker = new Worker(new URL("./trace-worker.ts", import.meta.url), { type: "module", name: "trace-file" })
  const waiting = new Map<number, Waiting>()
  let asked = 0
  const end = (error: Error) => {
    worker.terminate()
    for (const { refuse } of waiting.values()) refuse(error)
    waiting.clear()
  }
  worker.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    const asking = waiting.get(data.id)
    if (asking === undefined) return
    if ("progress" in data) return asking.progress(data.progress)
    waiting.delete(data.id)
    if ("answer" in data) asking.answer(data.answer)
    else asking.refuse(new TraceFileError(data.refusal ?? BROKEN))
  })
  worker.addEventListener("error", (event) => {
    event.preventDefault()
    end(new TraceFileError(BROKEN))
  })
  const ask = <Type extends Asked["type"]>(
    question: Extract<Asked, { readonly type: Type }>,
    signal: AbortSignal,
    progress: (bytes: number) => void = () => undefined,
  ): Promise<Answers[Type]> =>
    new Promise((answer, refuse) => {
      const id = (asked += 1)
      const stop = () => {
        waiting.delete(id)
        refuse(signal.reason as Error)
      }
      if (signal.aborted) return stop()
      signal.addEventListener("abort", stop, { once: true })
      waiting.set(id, { answer: answer as (value: unknown) => void, refuse, progress })
      worker.postMessage({ id, asked: question })
    })
  return { ask, close: () => end(new TraceFileError("The file is closed.")) }
}

/** As a server answers for a version that it does not have. */
const asServer = (error: unknown): never => {
  throw error instanceof TraceFileError ? new ApiError(404, { message: error.message }) : error
}

let opened = 0

/**
 * Opens a file, which may be told to stop by the signal.
 *
 * @throws TraceFileError with a sentence for people
 */
export const openFile = async (
  file: File,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<FileTrace> => {
  const refusal = tooLarge(file.size)
  if (refusal !== undefined) throw new TraceFileError(refusal)
  const { ask, close } = startWorker()
  const { head, counts } = await ask({ type: "open", file }, signal, onProgress).catch((error: unknown) => {
    close()
    throw error
  })
  opened += 1
  // The same at every version that has it: what is drawn of it stays.
  const held = new Map<number, Message>()
  const theSame = (message: Message): Message => {
    const known = held.get(message.id)
    if (known !== undefined) return known
    held.set(message.id, message)
    return message
  }
  const source: TraceSource = {
    kind: "file",
    chatId: NO_CHAT,
    key: `${NO_CHAT}:${opened}`,
    steps: () => Promise.resolve(head.steps),
    machine: () => Promise.resolve(head.machine),
    at: async (version, stop) => {
      const found = await ask({ type: "at", version }, stop).catch(asServer)
      return { ...found, messages: found.messages.map(theSame) }
    },
    transitions: (after, limit, stop) => ask({ type: "transitions", after, limit }, stop).catch(asServer),
    about: () =>
      Promise.resolve({
        title: head.title,
        ownerId: head.owner_id,
        ownerName: head.owner_name,
        models: head.models,
        lastError: head.last_error,
        queuePosition: undefined,
      }),
    attempts: () => Promise.resolve(head.attempts),
  }
  return {
    source,
    title: head.title,
    ownerName: head.owner_name,
    chatId: head.chat_id,
    exportedAt: head.exported_at,
    version: head.version,
    messages: counts.messages,
    close,
  }
}
