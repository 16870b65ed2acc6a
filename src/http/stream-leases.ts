import { Context, Effect, Layer, Schedule } from "effect"
import { ChatAccess, type ChatView } from "../chats/access.ts"
import type { ChatId, SessionKeyId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { Sessions } from "../identity/sessions.ts"

/** How often it is asked whether those who follow a stream still may. */
const CHECK_MS = 500
/** Of the owner of a chat it is asked with every so many of these: that somebody loses his own chat is rare. */
const OWNER_EVERY = 10

/** What keeps a stream open. */
export interface Lease {
  readonly keyId: SessionKeyId
  /** Of a stream of one chat: what its reader must be allowed. */
  readonly chat?: { readonly id: ChatId; readonly action: ChatView; readonly own: boolean }
  readonly end: () => void
}

const make = Effect.gen(function* () {
  const sessions = yield* Sessions
  const access = yield* ChatAccess
  const leases = new Set<Lease>()
  let round = 0

  const stillMay = (caller: Caller, { chat }: Lease): Effect.Effect<boolean> =>
    chat === undefined
      ? Effect.succeed(true)
      : access
          .check(caller, chat.id, chat.action)
          .pipe(
            Effect.as(true),
            Effect.catchTags({ ChatForbidden: () => Effect.succeed(false), ChatHidden: () => Effect.succeed(false) }),
          )

  /** Ends those of one key that may go on no more. Whom it signs in is asked once, however many streams he has open. */
  const checkKey = (keyId: SessionKeyId, held: ReadonlyArray<Lease>) =>
    sessions.callerOf(keyId).pipe(
      Effect.flatMap((caller) =>
        Effect.forEach(held, (lease) => Effect.map(stillMay(caller, lease), (may) => (may ? undefined : lease.end())), {
          discard: true,
        }),
      ),
      Effect.catchTag("SessionInvalid", () => Effect.sync(() => held.forEach((lease) => lease.end()))),
    )

  const check = Effect.gen(function* () {
    if (leases.size === 0) return
    round += 1
    const held = [...leases]
    const ended = new Set(yield* sessions.endedAmong([...new Set(held.map(({ keyId }) => keyId))]))
    for (const lease of held) if (ended.has(lease.keyId)) lease.end()
    const due = held.filter(
      ({ keyId, chat }) => !ended.has(keyId) && (chat?.own === false || round % OWNER_EVERY === 0),
    )
    const byKey = new Map<SessionKeyId, Array<Lease>>()
    for (const lease of due) {
      const known = byKey.get(lease.keyId)
      if (known === undefined) byKey.set(lease.keyId, [lease])
      else known.push(lease)
    }
    yield* Effect.forEach(byKey, ([keyId, leases]) => checkKey(keyId, leases), { concurrency: 4, discard: true })
  })
  // A database that cannot be asked ends nothing.
  yield* check.pipe(
    Effect.catchAllCause(() => Effect.void),
    Effect.repeat(Schedule.spaced(CHECK_MS)),
    Effect.forkScoped,
  )

  return {
    hold: (lease: Lease): (() => void) => {
      leases.add(lease)
      return () => void leases.delete(lease)
    },
  }
})

/**
 * Ends streams of those who have signed out, were suspended, or may no longer read the chat, within a second, wherever that was
 * decided: the database is asked, not this process's memory.
 */
export class StreamLeases extends Context.Tag("troupe/StreamLeases")<
  StreamLeases,
  {
    /** @returns what gives the lease back, when the stream has ended by itself */
    readonly hold: (lease: Lease) => () => void
  }
>() {
  static readonly layer = Layer.scoped(StreamLeases, make)
}
