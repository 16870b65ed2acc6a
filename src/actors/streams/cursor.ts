/**
 * A reader's whole position in a chat's stream, as it stands in every event. Text form: the four numbers with dots between.
 * Clients treat it as opaque.
 */
export interface Cursor {
  readonly version: number
  readonly historyVersion: number
  readonly attempt: number
  /** Parts of (historyVersion, attempt) that were seen. */
  readonly seq: number
}

export const formatCursor = (cursor: Cursor): string =>
  `${cursor.version}.${cursor.historyVersion}.${cursor.attempt}.${cursor.seq}`

/** Undefined for what we never wrote. */
export const parseCursor = (text: string): Cursor | undefined => {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,9})\.(\d{1,9})$/.exec(text)
  if (match === null) return undefined
  const [version, historyVersion, attempt, seq] = match.slice(1).map(Number) as [number, number, number, number]
  if (version < 1 || historyVersion > version) return undefined
  return { version, historyVersion, attempt, seq }
}
