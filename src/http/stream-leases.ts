import { Context, Effect, Layer, Schedule } from "effect"
import { ChatAccess, type ChatView } from "../chats/access.ts"
import type { ChatId, SessionKeyId } from "../contract/ids.ts"
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

  const stillMay = (lease: Lease): Effect.Effect<boolean> => {
    const { chat, keyId } = lease
    if (chat === undefined) return Effect.succeed(true)
    return sessions.callerOf(keyId).pipe(
      Effect.flatMap((caller) => access.check(caller, chat.id, chat.action)),
      Effect.as(true),
      Effect.catchTags({
        SessionInvalid: () => Effect.succeed(false),
        ChatForbidden: () => Effect.succeed(false),
        ChatHidden: () => Effect.succeed(false),
      }),
    )
  }

  const check = Effect.gen(function* () {
    if (leases.size === 0) return
    round += 1
    const held = [...leases]
    const ended = new Set(yield* sessions.endedAmong([...new Set(held.map(({ keyId }) => keyId))]))
    for (const lease of held) if (ended.has(lease.keyId)) lease.end()
    const due = held.filter(
      ({ keyId, chat }) => !ended.has(keyId) && (chat?.own === false || round % OWNER_EVERY === 0),
    )
    yield* Effect.forEach(due, (lease) => Effect.map(stillMay(lease), (may) => (may ? undefined : lease.end())), {
      concurrency: 4,
      discard: true,
    })
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
