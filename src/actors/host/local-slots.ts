import { Context, Effect, Layer, Queue } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { Admissions, type SlotOwner, type StandingRow } from "../../db/chats/admission.ts"
import type { ChatSubscriber } from "../chat/snapshot.ts"
import { Slots, type SlotTaker } from "../chat/slots.ts"
import { CapacityLimits } from "./capacity-limits.ts"
import { SlotLedger, type SlotStand } from "./slot-ledger.ts"

const ownerOf = (row: SlotTaker): SlotOwner => ({
  chatId: row.id,
  ownerId: row.owner_id,
  organizationId: row.organization_id,
})

/** An archived chat that works is to be repaired first: it neither takes a slot nor stands in the line. */
const standOf = ({ admitted_at, archived, holds_slot, waits_for_slot }: StandingRow): SlotStand => {
  if (archived) return "none"
  if (holds_slot || (waits_for_slot && admitted_at !== null)) return "holds"
  return waits_for_slot ? "waits" : "none"
}

/** The slots of this process, which has all chats: asked before a commit that brings work, and told of every commit. */
export class LocalSlots extends Context.Tag("troupe/LocalSlots")<
  LocalSlots,
  Slots["Type"] & {
    /** Follows a chat; to be subscribed before the chat begins. */
    readonly follow: ChatSubscriber
    /** Makes the line be looked at, as everything does by which a slot may have become free. */
    readonly ring: () => void
    /** A ring during a round is remembered and leads to one more. */
    readonly bell: Queue.Dequeue<void>
    /** A chat of the line was given its slot in its row. */
    readonly granted: (chatId: ChatId) => void
    /** Slots that commits under way are about to take, which the rows do not show yet. */
    readonly reserved: () => ReadonlyArray<SlotOwner>
  }
>() {
  static readonly layer = Layer.effect(
    LocalSlots,
    Effect.gen(function* () {
      const admissions = yield* Admissions
      const capacity = yield* CapacityLimits
      const ledger = new SlotLedger()
      const rebuild = Effect.acquireUseRelease(
        Effect.sync(() => ledger.watch()),
        (told) =>
          Effect.map(admissions.standing, (rows) =>
            ledger.rebuild(
              rows.map((row) => ({ ...ownerOf(row), stand: standOf(row) })),
              told,
            ),
          ),
        (told) => Effect.sync(() => ledger.unwatch(told)),
      )
      yield* Effect.orDie(rebuild)
      const bell = yield* Queue.sliding<void>(1)
      const ring = () => void bell.unsafeOffer(undefined)
      const ringForThoseWhoWait = () => {
        if (ledger.waiting > 0) ring()
      }
      return {
        take: (chat) =>
          Effect.map(capacity.read, (limits) => (ledger.reserve(ownerOf(chat), limits) ? { limits } : undefined)),
        giveBack: (chatId) => {
          ledger.giveBack(chatId)
          ringForThoseWhoWait()
        },
        follow: ({ rows: { row } }, before) => {
          const stood = before === undefined ? undefined : ledger.standOf(row.id)
          const stands = standOf(row)
          ledger.note(ownerOf(row), stands)
          if (stands !== stood) ringForThoseWhoWait()
        },
        ring,
        bell,
        granted: (chatId) => ledger.grant(chatId),
        reserved: () => ledger.reserved,
        rebuild,
      }
    }),
  )
}

/** The same for the actors, who need not know where their slots come from. */
export const slotsLayer = Layer.effect(Slots, LocalSlots)
