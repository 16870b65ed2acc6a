import type { ChatId } from "../../contract/ids.ts"
import type { Capacity, SlotOwner } from "../../db/chats/admission.ts"

/** `holds` a slot, `waits` in the line for one, or needs `none`. */
export type SlotStand = "holds" | "waits" | "none"

interface Entry extends SlotOwner {
  readonly stand: SlotStand
  /** A commit is under way that takes the slot. It counts like one that is held. */
  readonly reserved: boolean
}

type Scope = { readonly key: string; readonly limit: number }

/**
 * Who holds a slot and who waits for one, of all chats of this process: what the rows say, and what the commits under way will
 * make them say. It is built from the rows, follows every commit, and is asked before a commit that would begin work, so that
 * no statement has to be.
 *
 * A slot is free only when nobody waits for it: a newcomer never overtakes the line. A chat waits for the slots of a scope (the
 * deployment, its owner, its organization) when its other scopes have room; one that its own owner's limit keeps waiting
 * does not keep the slots of the deployment from others.
 */
export class SlotLedger {
  readonly #entries = new Map<ChatId, Entry>()
  /** Slots taken, by scope. */
  readonly #taken = new Map<string, number>()
  readonly #waiting = new Map<ChatId, Entry>()
  readonly #watches = new Set<Set<ChatId>>()

  /** Chats that are told of from now on; to be begun before the rows of a rebuild are read, and given to it. */
  watch(): Set<ChatId> {
    const told = new Set<ChatId>()
    this.#watches.add(told)
    return told
  }

  unwatch(told: Set<ChatId>): void {
    this.#watches.delete(told)
  }

  /**
   * Takes what the rows say for the truth, but for chats that were told of while they were read: what was told is newer. Reservations
   * of commits under way stay.
   */
  rebuild(stands: Iterable<SlotOwner & { readonly stand: SlotStand }>, told: ReadonlySet<ChatId>): void {
    const before = [...this.#entries.values()]
    this.#entries.clear()
    this.#taken.clear()
    this.#waiting.clear()
    for (const { stand, ...owner } of stands) {
      if (!told.has(owner.chatId)) this.#set({ ...owner, stand, reserved: false })
    }
    for (const entry of before) {
      if (told.has(entry.chatId)) this.#set(entry)
      else if (entry.reserved) this.#set({ ...entry, stand: this.standOf(entry.chatId) })
    }
  }

  #tell(chatId: ChatId): void {
    for (const told of this.#watches) told.add(chatId)
  }

  /** A commit has brought a chat to where it stands now, or an actor has loaded it there. Its reservation has served its end. */
  note(owner: SlotOwner, stand: SlotStand): void {
    this.#tell(owner.chatId)
    this.#set({ ...owner, stand, reserved: false })
  }

  /** Where a chat stood at the last commit that was told of. */
  standOf(chatId: ChatId): SlotStand {
    return this.#entries.get(chatId)?.stand ?? "none"
  }

  /** Takes a slot for the commit that is about to be made, or says that there is none. */
  reserve(owner: SlotOwner, limits: Capacity): boolean {
    const own = this.#entries.get(owner.chatId)
    const entry: Entry = { ...owner, stand: own?.stand ?? "none", reserved: true }
    // What the chat holds already is its own to go on with, if nobody waits.
    const held = own !== undefined && takes(own) ? 1 : 0
    const isFree = scopesOf(owner, limits).every(
      (scope) => this.#takenOf(scope) - held < scope.limit && !this.#isWaitedFor(scope, owner.chatId, limits),
    )
    if (isFree) this.#set(entry)
    return isFree
  }

  /** The commit was not made: the slot is free again. */
  giveBack(chatId: ChatId): void {
    const entry = this.#entries.get(chatId)
    if (entry !== undefined) this.#set({ ...entry, reserved: false })
  }

  /** A chat of the line was given a slot. */
  grant(chatId: ChatId): void {
    const entry = this.#entries.get(chatId)
    this.#tell(chatId)
    if (entry?.stand === "waits") this.#set({ ...entry, stand: "holds" })
  }

  /** Whose slots the rows do not show yet. */
  get reserved(): ReadonlyArray<SlotOwner> {
    return [...this.#entries.values()].filter((entry) => entry.reserved)
  }

  /** Chats that wait in the line. */
  get waiting(): number {
    return this.#waiting.size
  }

  #takenOf({ key }: Scope): number {
    return this.#taken.get(key) ?? 0
  }

  #isWaitedFor(scope: Scope, exceptChatId: ChatId, limits: Capacity): boolean {
    for (const entry of this.#waiting.values()) {
      if (entry.chatId === exceptChatId) continue
      const scopes = scopesOf(entry, limits)
      if (!scopes.some(({ key }) => key === scope.key)) continue
      if (scopes.every((other) => other.key === scope.key || this.#takenOf(other) < other.limit)) return true
    }
    return false
  }

  #set(entry: Entry): void {
    const before = this.#entries.get(entry.chatId)
    if (before !== undefined && takes(before)) this.#count(before, -1)
    if (takes(entry)) this.#count(entry, 1)
    if (entry.stand === "waits" && !entry.reserved) this.#waiting.set(entry.chatId, entry)
    else this.#waiting.delete(entry.chatId)
    if (entry.stand === "none" && !entry.reserved) this.#entries.delete(entry.chatId)
    else this.#entries.set(entry.chatId, entry)
  }

  #count(owner: SlotOwner, by: 1 | -1): void {
    for (const key of keysOf(owner)) {
      const taken = (this.#taken.get(key) ?? 0) + by
      if (taken === 0) this.#taken.delete(key)
      else this.#taken.set(key, taken)
    }
  }
}

const takes = ({ stand, reserved }: Entry): boolean => stand === "holds" || reserved

const DEPLOYMENT = "deployment"
const keysOf = ({ ownerId, organizationId }: SlotOwner): ReadonlyArray<string> => [
  DEPLOYMENT,
  `owner ${ownerId}`,
  `organization ${organizationId}`,
]

/** The scopes that limit a chat. None where nothing is limited. */
const scopesOf = (owner: SlotOwner, { deployment, perUser, perOrganization }: Capacity): ReadonlyArray<Scope> => {
  const [all = "", user = "", organization = ""] = keysOf(owner)
  const limits: ReadonlyArray<readonly [string, number | null]> = [
    [all, deployment],
    [user, perUser],
    [organization, perOrganization],
  ]
  return limits.flatMap(([key, limit]) => (limit === null ? [] : [{ key, limit }]))
}
