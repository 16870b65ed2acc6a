import { call } from "../../api/client.ts"
import { chatSource } from "../chat-source.ts"
import { LARGEST_FILE, tooLarge } from "./open-trace.ts"
import { fileNameOf, traceFile, type Written } from "./write-trace.ts"

/** A chat of this server as a file, made in this page. */

export interface MadeFile {
  readonly file: Blob
  readonly name: string
}

/** Transitions that are asked for at once. */
const PAGE = 500

/** The chat has more to tell than a file may hold. */
export class TooMuch extends Error {}

export const makeFile = async (
  chat: string,
  signal: AbortSignal,
  onProgress: (so: Written, bytes: number) => void,
): Promise<MadeFile> => {
  const about = await chatSource(chat).about(signal)
  const reads = {
    head: () => call("chatTrace", { path: { chat } }, signal),
    page: (version: number, after: number) =>
      call("chatTracePage", { path: { chat, version }, query: { after, limit: PAGE } }, signal),
  }
  const names = {
    chat_id: chat,
    title: about.title,
    owner_id: about.ownerId,
    owner_name: about.ownerName,
    models: Object.fromEntries(about.models),
  }
  const pieces: Array<Blob> = []
  let bytes = 0
  for await (const { text, so } of traceFile(reads, names, new Date())) {
    // A blob may lie on the disk; text would be held.
    const piece = new Blob([text])
    pieces.push(piece)
    bytes += piece.size
    if (tooLarge(bytes) !== undefined) {
      throw new TooMuch(
        `This chat is longer than ${LARGEST_FILE / 1024 / 1024} MiB, which is the most that a Trace file may have.`,
      )
    }
    onProgress(so, bytes)
  }
  return { file: new Blob(pieces, { type: "application/json" }), name: fileNameOf(about.title) }
}
