import { ApiError } from "../../api/client.ts"
import type { ErrorBody } from "../../../../src/contract/errors.ts"

/** The export of what a search finds, as it comes. */

export type ExportFormat = "csv" | "jsonl"

const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === "object" && value !== null && "message" in value

const BROKEN_OFF = "The export broke off before its end, and nothing was saved. Try again."

/**
 * Resolves with the whole of it; `onProgress` hears how many bytes there are. It is of no use if it breaks off, so that it is saved
 * only when it has ended.
 *
 * @throws ApiError with a sentence; an `AbortError` where it was stopped.
 */
export const readExport = async (
  format: ExportFormat,
  q: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<Blob> => {
  const response = await fetch(`/api/v2/audit/export?${new URLSearchParams({ format, q })}`, {
    credentials: "same-origin",
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw error instanceof TypeError
      ? new ApiError(0, { message: "The server cannot be reached. Check that it runs, then try again." })
      : error
  })
  if (!response.ok || response.body === null) {
    const body: unknown = await response.json().catch(() => undefined)
    throw new ApiError(response.status, isErrorBody(body) ? body : { message: BROKEN_OFF })
  }
  const chunks: Array<Uint8Array<ArrayBuffer>> = []
  let bytes = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      signal.throwIfAborted()
      throw new ApiError(0, { message: BROKEN_OFF })
    })
    if (done) return new Blob(chunks, { type: response.headers.get("content-type") ?? "" })
    chunks.push(value)
    bytes += value.byteLength
    onProgress(bytes)
  }
}

/** Gives the browser a file to keep. */
export const saveFile = (content: Blob, name: string): void => {
  const url = URL.createObjectURL(content)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url))
}
