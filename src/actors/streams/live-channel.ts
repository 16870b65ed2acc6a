import type { ChatId, ProviderCallId } from "../../contract/ids.ts"
import type { ChatTransition } from "../../contract/inspection.ts"
import type { MessageRole, Part } from "../../contract/parts.ts"
import type { LoggedPart } from "../../db/chats/parts.ts"
import { storable } from "../../db/engine/jsonb.ts"
import type { Cursor } from "./cursor.ts"
import { deltaPieces, joinedDeltas } from "./deltas.ts"
import type { FlushPace } from "./flush-pace.ts"
import { Listeners } from "./listeners.ts"
import { type EventText, type Frame, framesOf, partEvent, transitionEvent } from "./stream-events.ts"

/** What a channel tells its listeners, in order: a committed change, or parts of the message being written. */
export type LiveNotice =
  | {
      readonly type: "change"
      readonly to: Cursor
      readonly events: ReadonlyArray<EventText>
      readonly frames: ReadonlyArray<Frame>
      /** Messages are gone: the events tell it to readers who know which of theirs to keep. */
      readonly removes: boolean
      /** For readers who inspect. */
      readonly transition: EventText
    }
  | {
      readonly type: "parts"
      readonly historyVersion: number
      readonly attempt: number
      readonly events: ReadonlyArray<EventText>
      readonly frames: ReadonlyArray<Frame>
    }
  /** True just now, and in no row. */
  | { readonly type: "passing"; readonly events: ReadonlyArray<EventText>; readonly frames: ReadonlyArray<Frame> }
  /** Something was committed that was not told here: the rows say what. */
  | { readonly type: "untold" }

export type LiveListener = (notice: LiveNotice) => void

/**
 * The live side of one chat. Deltas are joined once (the first goes out at once, then at most one frame in each pause of the
 * pace), then numbered, logged and sent: one number is one part, one row of the log and the same bytes for everyone.
 */
export class LiveChannel {
  readonly chatId: ChatId
  readonly #listeners = new Listeners<LiveNotice>()
  readonly #watchers = new Listeners<void>()
  readonly #pace: FlushPace
  readonly #log: (part: LoggedPart) => void
  readonly #onUntold: (cause: unknown) => void
  #epoch = 0
  #at: Cursor = { version: 0, historyVersion: 0, attempt: 0, seq: 0 }
  /** A change that is being told: where it comes from, and what has to be told after it. */
  #change: { readonly from: Cursor; readonly behind: Array<LiveNotice> } | undefined
  #gathered: Array<{ readonly role: MessageRole; readonly part: Part }> = []
  /** Where what is shown of each tool's output begins: at its last reset, or at its first part. */
  readonly #outputFrom = new Map<ProviderCallId, number>()
  #sentAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** @param onUntold told of each listener that was cut off, and of each change that cannot be put into words */
  constructor(chatId: ChatId, pace: FlushPace, log: (part: LoggedPart) => void, onUntold: (cause: unknown) => void) {
    this.chatId = chatId
    this.#pace = pace
    this.#log = log
    this.#onUntold = onUntold
  }

  get listenerCount(): number {
    return this.#listeners.size
  }

  /**
   * @param onCutOff the listener has thrown, and is told nothing more
   * @returns a function that ends the subscription
   */
  subscribe(listener: LiveListener, onCutOff?: () => void): () => void {
    return this.#listeners.add(listener, onCutOff)
  }

  /**
   * For who only wants to know that more is shown, and reads nothing of it.
   *
   * @param hear called with each batch of parts
   * @returns a function that ends it
   */
  whenShown(hear: () => void): () => void {
    return this.#watchers.add(hear)
  }

  /** An actor takes the channel over at the state it has loaded. What the owner before it gathered is not continued. */
  attach(epoch: number, at: Omit<Cursor, "seq">): void {
    // The commit before it was another's, or one whose outcome was not known.
    const untold = at.version !== this.#at.version
    this.#epoch = epoch
    this.#at = { ...at, seq: 0 }
    this.#drop()
    this.#outputFrom.clear()
    if (untold) this.tellUntold()
  }

  /** Makes every reader look at the rows: they were changed without this channel. */
  tellUntold(): void {
    this.#tell({ type: "untold" })
  }

  /** Tells those who read just now something that moves nobody's position. */
  tellPassing(makeEvent: (at: Cursor) => EventText): void {
    this.flush()
    const events = [makeEvent(this.#at)]
    this.#tell({ type: "passing", events, frames: [...framesOf(events)] })
  }

  /** Adds a delta, or a whole part, to the message being written. */
  push(role: MessageRole, part: Part): void {
    const last = this.#gathered.at(-1)
    const joined = last?.role === role ? joinedDeltas(last.part, part) : undefined
    if (joined === undefined) this.#gathered.push(...deltaPieces(part).map((piece) => ({ role, part: piece })))
    else this.#gathered[this.#gathered.length - 1] = { role, part: joined }
    if (this.#timer !== undefined) return
    const wait = this.#sentAt + this.#pace.pauseMs - performance.now()
    if (this.#pace.crowded && this.#sentAt > 0) this.#pace.join(this)
    else if (wait <= 0) this.flush()
    else this.#timer = this.#pace.after(wait, () => this.flush())
  }

  /** Sends what has gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pace.leave(this)
    if (this.#gathered.length === 0) return
    const began = performance.now()
    // Whatever becomes of them, they are not tried for ever.
    const waiting = this.#gathered
    this.#gathered = []
    const gathered = waiting.map(storable)
    this.#sentAt = began
    const { historyVersion, attempt } = this.#at
    const events = gathered.map(({ role, part }) => {
      this.#at = { ...this.#at, seq: this.#at.seq + 1 }
      this.#log({
        chat_id: this.chatId,
        epoch: this.#epoch,
        history_version: historyVersion,
        attempt,
        seq: this.#at.seq,
        role,
        part,
        ...this.#replaced(part),
      })
      return partEvent(this.chatId, this.#at, role, part)
    })
    this.#tell({ type: "parts", historyVersion, attempt, events, frames: [...framesOf(events)] })
    this.#watchers.tell(undefined, this.#onUntold)
    this.#pace.spend(performance.now() - began)
  }

  /** From which part on this one takes the place of its call's. */
  #replaced(part: Part): Pick<LoggedPart, "replaces_from"> {
    if (part.type !== "tool-result" || part.result_delta === undefined) return {}
    const from = this.#outputFrom.get(part.tool_call_id)
    if (from === undefined || part.result_reset === true) this.#outputFrom.set(part.tool_call_id, this.#at.seq)
    return from === undefined || part.result_reset !== true ? {} : { replaces_from: from }
  }

  /**
   * The chat has moved: what is pushed from now on belongs to where it is, and is told after the change. Parts not yet sent belong
   * to what the change replaces, so they are dropped with it.
   */
  move(to: Omit<Cursor, "seq">): void {
    this.#leaveUntold()
    const from = this.#at
    const sameEpisode = from.historyVersion === to.historyVersion && from.attempt === to.attempt
    if (!sameEpisode) {
      this.#drop()
      this.#outputFrom.clear()
    }
    this.#at = { ...to, seq: sameEpisode ? from.seq : 0 }
    this.#change = { from, behind: [] }
    // The change is told in the same breath, or not at all.
    queueMicrotask(() => this.#leaveUntold())
  }

  /** Tells of the change that the channel has moved with. One that cannot be put into words is left to be read from the rows. */
  tell(transition: ChatTransition, makeEvents: (from: Cursor, to: Cursor) => ReadonlyArray<EventText>): void {
    const change = this.#change
    if (change === undefined) return
    try {
      const events = makeEvents(change.from, this.#at)
      const notice: LiveNotice = {
        type: "change",
        to: this.#at,
        events,
        frames: [...framesOf(events)],
        removes: events.some(({ type }) => type === "history_reset"),
        transition: transitionEvent(this.chatId, change.from, transition),
      }
      this.#release(notice)
    } catch (cause) {
      this.#onUntold(cause)
      this.#leaveUntold()
    }
  }

  #leaveUntold(): void {
    if (this.#change !== undefined) this.#release({ type: "untold" })
  }

  #release(first: LiveNotice): void {
    const behind = this.#change?.behind ?? []
    this.#change = undefined
    for (const notice of [first, ...behind]) this.#tell(notice)
  }

  #drop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pace.leave(this)
    this.#gathered = []
    // Nobody waits long for the first words of a message.
    this.#sentAt = Number.NEGATIVE_INFINITY
  }

  #tell(notice: LiveNotice): void {
    if (this.#change !== undefined) this.#change.behind.push(notice)
    else this.#listeners.tell(notice, this.#onUntold)
  }
}
