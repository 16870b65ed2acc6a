import type { ChatAtVersion, ChatTransition, ChatTransitions } from "../../../../src/contract/inspection.ts"
import type { TraceCall, TraceMessage, TraceQueued, TraceTransition } from "../../../../src/contract/trace.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { type FileHead, FORMAT, FORMAT_VERSION, head as checkHead, stamp, transition } from "./check-head.ts"
import { call as checkCall, message, movedFrom, queued } from "./check-messages.ts"
import { type Check, list, struct, whole, Wrong } from "./checks.ts"
import { statusOfActivity } from "../../chats/status.ts"
import { type Line, LineTooLong, linesOf, LONGEST_LINE, NotText } from "./lines.ts"

/**
 * A Trace file, opened: what `docs/trace-file.md` describes. It is read once, line by line; messages are held, and of the transitions
 * only where in the file they stand, so that a million of them take little memory.
 */

export const LARGEST_FILE = 200 * 1024 * 1024
const MIB = 1024 * 1024

/** Why a file cannot be opened: a sentence for people. */
export class TraceFileError extends Error {
  override readonly name = "TraceFileError"
}

export const tooLarge = (bytes: number): string | undefined =>
  bytes <= LARGEST_FILE
    ? undefined
    : `The file has ${(bytes / MIB).toFixed(1)} MiB. Trace opens files of at most ${LARGEST_FILE / MIB} MiB.`

const cutOff = (line: number) =>
  new TraceFileError(`The file is cut off at line ${line}: its end is missing. Copy or download it again.`)

export interface OpenedTrace {
  readonly head: FileHead & { readonly steps: ChatSteps }
  readonly counts: { readonly transitions: number; readonly messages: number }
  /** @throws TraceFileError where there is no such version, or none that can be shown */
  readonly at: (version: number) => Promise<ChatAtVersion>
  readonly transitions: (after: number, limit: number) => Promise<ChatTransitions>
}

const MOST_IN_LINE = 20_000

const transitionsLine = struct({ transitions: list(transition, MOST_IN_LINE) })
const recordsLine = struct({
  messages: list(message, MOST_IN_LINE),
  queued: list(queued, MOST_IN_LINE),
  calls: list(checkCall, MOST_IN_LINE),
})
const endLine = struct({ end: struct({ transitions: whole(0), messages: whole(0) }) })

const JSON_MARK: ReadonlyMap<string, string> = new Map([
  ["[", "first"],
  [",", "next"],
])

/** One element of the array that the file is: each stands in a line of its own, behind the bracket or the comma. */
const elementOf = ({ text, number, whole: ended }: Line): unknown => {
  const mark = JSON_MARK.get(text[0] ?? "")
  if (mark !== (number === 1 ? "first" : "next")) {
    throw new TraceFileError(
      number === 1
        ? "This is no Trace file: it does not begin as one."
        : `Line ${number} of the file is none of a Trace file: it has to begin with a comma. Was the file written anew by another program?`,
    )
  }
  try {
    return JSON.parse(text.slice(1))
  } catch {
    if (!ended) throw cutOff(number)
    throw new TraceFileError(
      number === 1 ? "This is no Trace file: its first line is not JSON." : `Line ${number} of the file is not JSON.`,
    )
  }
}

const checked = <T>(line: number, check: Check<T>, value: unknown): T => {
  try {
    return check(value)
  } catch (error) {
    if (error instanceof Wrong) throw new TraceFileError(`Line ${line} of the file is wrong: ${error.sentence}.`)
    throw error
  }
}

const headOf = (value: unknown): FileHead => {
  const isStamped = typeof value === "object" && value !== null && "format" in value && value.format === FORMAT
  if (!isStamped) throw new TraceFileError("This file is JSON, and not a Trace file.")
  const { format_version: found } = checked(1, stamp, value)
  if (found !== FORMAT_VERSION) {
    const shown = typeof found === "number" ? found : "another one"
    throw new TraceFileError(
      `The file has version ${shown} of the format, and this page reads version ${FORMAT_VERSION}. Open it with the version of Troupe that wrote it.`,
    )
  }
  return checked(1, checkHead, value)
}

/** Transitions of one line. */
interface Block {
  readonly line: number
  readonly first: number
  readonly last: number
  readonly start: number
  readonly end: number
}

interface Moved {
  readonly version: number
  readonly position: number
  readonly kind: TraceQueued["kind"]
}

/** What is held of a file. */
class Held {
  readonly blocks: Array<Block> = []
  /** Milliseconds at which each transition was, from the first on. */
  readonly times: Array<number> = []
  readonly messages: Array<TraceMessage> = []
  readonly queued: Array<TraceQueued> = []
  readonly calls: Array<TraceCall> = []
  /** Where queued messages stood before they were moved, by the message, oldest first. */
  readonly moves = new Map<number, Array<Moved>>()
  readonly #seen = { queued: new Set<number>(), calls: new Set<string>() }
  readonly #last: number

  constructor(last: number) {
    this.#last = last
  }

  addTransitions({ number, start, end }: Line, rows: ReadonlyArray<TraceTransition>): void {
    const [first] = rows
    if (first === undefined) return
    let before = this.blocks.at(-1)?.last
    for (const [index, { version, created_at, detail }] of rows.entries()) {
      const due = before === undefined ? version : before + 1
      if (version !== due || version > this.#last) {
        const must = due > this.#last ? `must not go on behind ${this.#last}` : `must be ${due}`
        throw new TraceFileError(`Line ${number} of the file is wrong: transitions[${index}].version ${must}.`)
      }
      before = version
      this.times.push(Date.parse(created_at))
      if (Object.hasOwn(detail, "moved_from")) this.#addMoves(number, version, detail["moved_from"])
    }
    // Behind the comma.
    this.blocks.push({ line: number, first: first.version, last: before ?? first.version, start: start + 1, end })
  }

  #addMoves(line: number, version: number, moved: unknown): void {
    for (const { id, position, kind } of checked(line, movedFrom, moved)) {
      const places = this.moves.get(id)
      if (places === undefined) this.moves.set(id, [{ version, position, kind }])
      else places.push({ version, position, kind })
    }
  }

  addRecords(line: number, records: ReturnType<typeof recordsLine>): void {
    const wrong = (what: string) => new TraceFileError(`Line ${line} of the file is wrong: ${what}.`)
    for (const row of records.messages) {
      if (row.id <= (this.messages.at(-1)?.id ?? 0)) throw wrong(`message ${row.id} is out of order`)
      this.messages.push(row)
    }
    for (const row of records.queued) {
      if (this.#seen.queued.has(row.id)) throw wrong(`queued message ${row.id} is there twice`)
      this.#seen.queued.add(row.id)
      this.queued.push(row)
    }
    for (const row of records.calls) {
      if (this.#seen.calls.has(row.id)) throw wrong("a tool call is there twice")
      this.#seen.calls.add(row.id)
      this.calls.push(row)
    }
  }
}

interface Reading {
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

const isEnd = (text: string): boolean => text.trim() === "]"

/** @throws TraceFileError */
const readAll = async (file: Blob, { onProgress, signal }: Reading): Promise<{ head: FileHead; held: Held }> => {
  let read: { readonly head: FileHead; readonly held: Held } | undefined
  let ended: { readonly transitions: number; readonly messages: number } | undefined
  let closed = false
  let last = 0
  for await (const line of linesOf(file)) {
    signal?.throwIfAborted()
    const { number, text } = line
    last = number
    if (closed) throw new TraceFileError(`Line ${number} of the file stands behind its end.`)
    if (ended !== undefined) {
      if (!isEnd(text)) throw new TraceFileError(`Line ${number} of the file stands behind its end.`)
      closed = true
      continue
    }
    const value = elementOf(line)
    if (read === undefined) {
      const head = headOf(value)
      read = { head, held: new Held(head.version) }
    } else if (typeof value === "object" && value !== null && "end" in value) {
      ended = checked(number, endLine, value).end
    } else if (typeof value === "object" && value !== null && "transitions" in value) {
      read.held.addTransitions(line, checked(number, transitionsLine, value).transitions)
    } else {
      read.held.addRecords(number, checked(number, recordsLine, value))
    }
    onProgress?.(line.end)
  }
  if (read === undefined) throw new TraceFileError("The file is empty.")
  const { held, head } = read
  const isWhole = held.times.length === ended?.transitions && held.messages.length === ended.messages
  if (!closed || !isWhole || (held.blocks.at(-1)?.last ?? head.version) !== head.version) {
    throw cutOff(last)
  }
  return read
}

const inWords = (error: unknown): unknown => {
  if (error instanceof LineTooLong) {
    return new TraceFileError(
      `Line ${error.line} of the file is longer than ${LONGEST_LINE / MIB} MiB: Troupe writes none like that.`,
    )
  }
  if (!(error instanceof NotText)) return error
  if (error.line === 1) return new TraceFileError("This is no Trace file: it is not text.")
  return error.whole ? new TraceFileError(`Line ${error.line} of the file is no text in UTF-8.`) : cutOff(error.line)
}

/** Lines of transitions that are held once they were needed. */
const MOST_HELD = 16

const isThere = (
  { created_version, removed_version }: { readonly created_version: number; readonly removed_version?: number },
  version: number,
): boolean => created_version <= version && (removed_version ?? Infinity) > version

const STEER_FIRST = { steer: 0, queue: 1 }

/** The steering ones first, in the places that they had then. */
const queueAt = ({ queued: rows, moves }: Held, version: number) =>
  rows
    .filter((row) => isThere(row, version))
    .map((row) => {
      const { created_version: _, removed_version: __, ...shown } = row
      const moved = moves.get(row.id)?.find((place) => place.version > version)
      return { ...shown, position: moved?.position ?? row.position, kind: moved?.kind ?? row.kind }
    })
    .sort((a, b) => STEER_FIRST[a.kind] - STEER_FIRST[b.kind] || a.position - b.position)
    .map(({ position: _, ...shown }) => shown)

/** What a tool does between two transitions belongs to the version before it. */
const callsAt = ({ calls }: Held, version: number, next: number): ChatAtVersion["pending_calls"] => {
  const isBy = (time: string | undefined) => time !== undefined && Date.parse(time) < next
  return calls
    .filter(({ created_version, answered_version }) =>
      isThere(
        { created_version, ...(answered_version !== undefined && { removed_version: answered_version }) },
        version,
      ),
    )
    .map(({ id, tool_call_id, tool_name, since, until }) => ({
      id,
      tool_call_id,
      tool_name,
      state: isBy(until) ? "done" : isBy(since) ? "started" : "planned",
    }))
}

const messageAt = ({ created_version: _, removed_version: __, ...shown }: TraceMessage) => shown

const asTransition = ({ mode: _, context: __, ...shown }: TraceTransition): ChatTransition => shown

/** The steps with the times of their versions, which the transitions tell: never going back, whatever the file says. */
const timed = ({ steps }: FileHead, first: number, times: ReadonlyArray<number>): ChatSteps => {
  const from = Math.max(0, steps.first_version - first)
  const began = times[from] ?? 0
  let latest = 0
  const after = times.slice(from, from + steps.last_version - steps.first_version + 1).map((time) => {
    latest = Math.max(latest, time - began)
    return latest
  })
  return { ...steps, began: new Date(began).toISOString(), times: after }
}

/** Opens it, or says in a sentence why it cannot be opened. */
export const openTrace = async (file: Blob, reading: Reading = {}): Promise<OpenedTrace> => {
  const size = tooLarge(file.size)
  if (size !== undefined) throw new TraceFileError(size)
  const { head, held } = await readAll(file, reading).catch((error: unknown) => {
    throw inWords(error)
  })
  const { blocks, times } = held
  const first = blocks[0]?.first ?? head.version
  const loaded = new Map<number, ReadonlyArray<TraceTransition>>()

  const rowsOf = async (block: Block): Promise<ReadonlyArray<TraceTransition>> => {
    const known = loaded.get(block.line)
    if (known !== undefined) return known
    const text = await file
      .slice(block.start, block.end)
      .text()
      .catch(() => {
        throw new TraceFileError("The file cannot be read any more: it was moved or changed. Open it again.")
      })
    const { transitions } = checked(block.line, transitionsLine, JSON.parse(text))
    const [oldest] = loaded.keys()
    if (loaded.size >= MOST_HELD && oldest !== undefined) loaded.delete(oldest)
    loaded.set(block.line, transitions)
    return transitions
  }

  /** The first block with a version from this one on, as an index. */
  const blockFrom = (version: number): number => {
    let [low, high] = [0, blocks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((blocks[middle]?.last ?? 0) < version) low = middle + 1
      else high = middle
    }
    return low
  }

  const at = async (version: number): Promise<ChatAtVersion> => {
    const block = blocks[blockFrom(version)]
    const rows = block === undefined || version < block.first ? [] : await rowsOf(block)
    const row = rows[version - (block?.first ?? 0)]
    if (row === undefined) {
      throw new TraceFileError(`The file holds the versions ${first} to ${head.version}, and not ${version}.`)
    }
    if (row.context === undefined || row.mode === undefined) {
      throw new TraceFileError("The state of the chat at this version could not be replayed when the file was made.")
    }
    const status = statusOfActivity(row.to)
    if (status === undefined) throw new TraceFileError(`Version ${version} is in a state that this page does not know.`)
    return {
      version,
      status,
      life: row.to,
      mode: row.mode,
      context: row.context,
      messages: held.messages.filter((shown) => isThere(shown, version)).map(messageAt),
      queued_messages: queueAt(held, version),
      pending_calls: callsAt(held, version, times[version - first + 1] ?? Infinity),
    }
  }

  const transitions = async (after: number, limit: number): Promise<ChatTransitions> => {
    const found: Array<ChatTransition> = []
    for (let index = blockFrom(after + 1); found.length < limit; index += 1) {
      const block = blocks[index]
      if (block === undefined) break
      const rows = await rowsOf(block)
      const from = Math.max(0, after + 1 - block.first)
      found.push(...rows.slice(from, from + limit - found.length).map(asTransition))
    }
    return { transitions: found, has_more: (found.at(-1)?.version ?? head.version) < head.version }
  }

  const shown = { ...head, steps: timed(head, first, times) }
  return { head: shown, counts: { transitions: times.length, messages: held.messages.length }, at, transitions }
}
