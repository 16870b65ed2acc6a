import { Cause, Data, Deferred, Effect, Exit, Fiber, FiberId, FiberSet, type Scope } from "effect"

/**
 * A registry of resources by key, each of them started once. It knows nothing of what it keeps.
 *
 * Each resource has one fiber for its whole life: loaded, made, kept until somebody asks for its end, handed over where that
 * was asked for, closed with its scope. So everything about a key happens in order, and whoever asks for a key whose resource
 * is ending waits for the end and gets the next one.
 */
export interface Registry<Seed, Value, E> {
  /**
   * The resource of a key, which is started where there is none. All who ask meanwhile wait for the same start and share its
   * outcome; it goes on when they are interrupted.
   */
  readonly get: (key: string) => Effect.Effect<Value, E | RegistryClosed>
  /** The resource of a key, if it can be had at once. Counts as a use. */
  readonly started: (key: string) => Value | undefined
  /** Starts the resource of a key that is new to the world. Whoever asks for it when that has failed begins anew. */
  readonly create: <E2>(key: string, birth: Effect.Effect<Seed, E2>) => Effect.Effect<Seed, E2 | RegistryClosed>
  /** Ends the resource of a key, or the one that is starting, and waits for that. Nothing is handed over. */
  readonly forget: (key: string) => Effect.Effect<void>
  /** Hands over and ends those that nobody has used for `unusedMs` and of which this is true. */
  readonly stopIdle: (unusedMs: number, isIdle: (value: Value) => boolean) => Effect.Effect<void>
  /** There is one, or there will be one soon, or its end is not over. */
  readonly has: (key: string) => boolean
  /** Those that are started and not ending. */
  readonly values: () => ReadonlyArray<Value>
  /** Resources in memory, in whatever part of their life. */
  readonly size: () => number
}

/** Nothing is started any more. */
export class RegistryClosed extends Data.TaggedError("RegistryClosed") {}

export interface ResourceKind<Seed, Value, E> {
  /**
   * What a resource is made from. Runs uninterruptibly, because an outcome that is lost may be one that somebody else has to
   * clean up; where it only waits it lets itself be interrupted, which a registry that closes makes use of.
   */
  readonly load: (key: string) => Effect.Effect<Seed, E>
  /** @param end ends this very resource, and no later one of its key, and waits for that */
  readonly make: (seed: Seed, end: Effect.Effect<void>) => Effect.Effect<Value, never, Scope.Scope>
  /** What has to be done before the scope is closed, for whoever has the key next. */
  readonly handOver: (value: Value) => Effect.Effect<void>
}

type Ending = "hand over" | "close"

class Entry<Value, Failure> {
  /** What one who waits for the start is to do when it is over. */
  readonly started = Deferred.unsafeMake<Effect.Effect<Value, Failure>>(FiberId.none)
  readonly ending = Deferred.unsafeMake<Ending>(FiberId.none)
  readonly ended = Deferred.unsafeMake<void>(FiberId.none)
  value: Value | undefined
  isEnding = false
  usedAt = performance.now()
  /** Ends what the loading of its seed only waits for. */
  readonly giveUpLoading: Effect.Effect<unknown>

  constructor(giveUpLoading: Effect.Effect<unknown>) {
    this.giveUpLoading = giveUpLoading
  }

  end(how: Ending): Effect.Effect<void> {
    this.isEnding = true
    Deferred.unsafeDone(this.ending, Exit.succeed(how))
    return Deferred.await(this.ended)
  }
}

/** Closes with its scope: it takes no more keys and hands over all there is, also what is only starting or being created. */
export const makeRegistry = <Seed, Value extends object, E>(
  kind: ResourceKind<Seed, Value, E>,
): Effect.Effect<Registry<Seed, Value, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    type Failure = E | RegistryClosed
    // Not from whoever asks first: its transaction and its trace are not those of the resource.
    const fork = yield* FiberSet.makeRuntime()
    const entries = new Map<string, Entry<Value, Failure>>()
    let closed = false

    const live = (entry: Entry<Value, Failure>, seed: Seed) =>
      Effect.gen(function* () {
        const end = Effect.suspend(() => entry.end("close"))
        const value = yield* kind.make(seed, end)
        entry.value = value
        yield* Deferred.succeed(entry.started, Effect.succeed(value))
        if ((yield* Deferred.await(entry.ending)) === "hand over") yield* kind.handOver(value)
      }).pipe(
        Effect.scoped,
        // A mistake of ours. Where it came before the start, those who wait have to be told.
        Effect.tapErrorCause((cause) => Deferred.succeed(entry.started, Effect.failCause(cause))),
        Effect.tapErrorCause((cause) => Effect.logError("A resource came to a bad end", cause)),
      )

    /**
     * @param onFailure what those who wait for the start do when there is nothing to make the resource from
     * @returns the entry, which is in the registry at once, and what its seed will be
     */
    const begin = <E2>(
      key: string,
      load: Effect.Effect<Seed, E2>,
      onFailure: (cause: Cause.Cause<E2 | RegistryClosed>) => Effect.Effect<Value, Failure>,
    ) => {
      const seed = Deferred.unsafeMake<Seed, E2 | RegistryClosed>(FiberId.none)
      const loading = fork(
        load.pipe(
          // Nobody interrupts it but a registry that closes.
          Effect.catchAllCause((cause): Effect.Effect<never, E2 | RegistryClosed> =>
            Cause.isInterruptedOnly(cause) ? new RegistryClosed() : Effect.failCause(cause),
          ),
          Effect.intoDeferred(seed),
          Effect.uninterruptible,
        ),
      )
      const entry = new Entry<Value, Failure>(Fiber.interrupt(loading))
      entries.set(key, entry)
      const over = Effect.suspend(() => {
        entries.delete(key)
        return Deferred.succeed(entry.ended, undefined)
      })
      const life = Effect.matchCauseEffect(Deferred.await(seed), {
        onSuccess: (loaded) => live(entry, loaded),
        onFailure: (cause) => Deferred.succeed(entry.started, onFailure(cause)),
      })
      fork(life.pipe(Effect.ensuring(over), Effect.uninterruptible))
      return { entry, seed }
    }

    const outcomeOf = (entry: Entry<Value, Failure>) => Effect.flatten(Deferred.await(entry.started))

    const get = (key: string): Effect.Effect<Value, Failure> =>
      Effect.suspend((): Effect.Effect<Value, Failure> => {
        if (closed) return new RegistryClosed()
        const entry = entries.get(key)
        if (entry === undefined) return outcomeOf(begin(key, kind.load(key), Effect.failCause).entry)
        if (entry.isEnding) return Effect.zipRight(Deferred.await(entry.ended), get(key))
        entry.usedAt = performance.now()
        return outcomeOf(entry)
      })

    const create = <E2>(key: string, birth: Effect.Effect<Seed, E2>): Effect.Effect<Seed, E2 | RegistryClosed> =>
      Effect.suspend((): Effect.Effect<Seed, E2 | RegistryClosed> => {
        if (closed) return new RegistryClosed()
        if (entries.has(key)) return Effect.dieMessage("A key that is in the registry cannot be new")
        const { entry, seed } = begin(key, birth, () => get(key))
        return Effect.zipRight(Deferred.await(entry.started), Deferred.await(seed))
      })

    yield* Effect.addFinalizer(() => {
      closed = true
      return Effect.forEach(
        [...entries.values()],
        (entry) => Effect.zipRight(entry.giveUpLoading, entry.end("hand over")),
        { concurrency: "unbounded", discard: true },
      )
    })

    const started = () => [...entries.values()].filter(({ isEnding }) => !isEnding)

    return {
      get,
      create,
      started: (key) => {
        const entry = entries.get(key)
        if (closed || entry === undefined || entry.isEnding) return undefined
        entry.usedAt = performance.now()
        return entry.value
      },
      forget: (key) => Effect.suspend(() => entries.get(key)?.end("close") ?? Effect.void),
      stopIdle: (unusedMs, isIdle) =>
        Effect.suspend(() => {
          const before = performance.now() - unusedMs
          const idle = started().filter(({ value, usedAt }) => usedAt < before && value !== undefined && isIdle(value))
          return Effect.forEach(idle, (entry) => entry.end("hand over"), { concurrency: "unbounded", discard: true })
        }),
      has: (key) => entries.has(key),
      values: () => started().flatMap(({ value }) => value ?? []),
      size: () => entries.size,
    }
  })
