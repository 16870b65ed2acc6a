import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Queue } from "effect"
import { Admissions, type Capacity, type SlotOwner, type StandingRow } from "../../db/chats/admission.ts"
import type { ChatSubscriber } from "../chat/snapshot.ts"
import { CapacityLimits } from "./capacity-limits.ts"
import { SlotLedger, type SlotStand } from "./slot-ledger.ts"

/** A slot for the work that a commit is about to begin. */
export interface SlotGrant {
  /** The limits by which it was given; the statement of the commit holds the rows against them once more. */
  readonly limits: Capacity
}

type Owner = Pick<StandingRow, "id" | "owner_id" | "organization_id">

const ownerOf = (row: Owner): SlotOwner => ({
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
export class Slots extends Context.Tag("troupe/Slots")<
  Slots,
  {
    /** A slot, if one is free and nobody waits for it. It is kept until the commit is told of, or given back. */
    readonly take: (chat: Owner) => Effect.Effect<SlotGrant | undefined>
    /** The commit was not made. */
    readonly giveBack: (chatId: string) => void
    /** Follows a chat; to be subscribed before the chat begins. */
    readonly follow: ChatSubscriber
    /** Makes the line be looked at, as everything does by which a slot may have become free. */
    readonly ring: () => void
    /** A ring during a round is remembered and leads to one more. */
    readonly bell: Queue.Dequeue<void>
    /** A chat of the line was given its slot in its row. */
    readonly granted: (chatId: string) => void
    /** Slots that commits under way are about to take, which the rows do not show yet. */
    readonly reserved: () => ReadonlyArray<SlotOwner>
    /** Takes the rows for the truth: at the start, and where a statement has found no room for a slot given here. */
    readonly rebuild: Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Slots,
    Effect.gen(function* () {
      const admissions = yield* Admissions
      const capacity = yield* CapacityLimits
      const ledger = new SlotLedger()
      const rebuild = Effect.map(admissions.standing, (rows) =>
        ledger.rebuild(rows.map((row) => ({ ...ownerOf(row), stand: standOf(row) }))),
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
