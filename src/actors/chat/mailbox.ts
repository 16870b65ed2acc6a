import { Deferred, Effect, Exit, Option, Queue, type Scope } from "effect"

/**
 * The mailbox of a chat's actor: one piece of work at a time. Who is in a hurry is not kept waiting by a database that cannot do
 * its work: `tellHurried` answers all of them at once, and what they asked for is not begun.
 */
export interface Mailbox<Refusal> {
  readonly submit: <A, E>(
    work: Effect.Effect<A, E>,
    options: { readonly hurried: boolean },
  ) => Effect.Effect<A, E | Refusal>
  readonly tellHurried: (refusal: Refusal) => void
  /** Resolves when the next one in a hurry comes: whoever waits for something looks again then. */
  readonly hurriedComes: Effect.Effect<void>
  readonly isEmpty: () => boolean
  /** Carries out what is in it by now, then resolves. */
  readonly drained: Effect.Effect<void>
}

/** Closes with its scope: what is left then is carried out, and has to see for itself that it comes too late. */
export const makeMailbox = <Refusal>(): Effect.Effect<Mailbox<Refusal>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Effect.Effect<void>>()
    const hurried = new Set<(refusal: Refusal) => void>()
    const bells = new Set<() => void>()

    const submit: Mailbox<Refusal>["submit"] = <A, E>(
      work: Effect.Effect<A, E>,
      options: { readonly hurried: boolean },
    ) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<A, E | Refusal>()
        const refuse = (refusal: Refusal) => Deferred.unsafeDone(answer, Exit.fail(refusal))
        const unlessAnswered = Effect.flatMap(Deferred.isDone(answer), (done) =>
          done ? Effect.void : Effect.intoDeferred(work, answer),
        )
        if (options.hurried) hurried.add(refuse)
        yield* Queue.offer(
          queue,
          unlessAnswered.pipe(Effect.ensuring(Effect.sync(() => void hurried.delete(refuse))), Effect.asVoid),
        )
        if (options.hurried) for (const ring of bells) ring()
        return yield* Deferred.await(answer)
      })

    yield* Effect.addFinalizer(() =>
      Effect.flatMap(
        Queue.takeAll(queue),
        Effect.forEach((work) => work, { discard: true }),
      ),
    )
    // A commit once begun is never interrupted: its outcome would not be known.
    yield* Queue.take(queue).pipe(
      Effect.flatMap((work) => Effect.uninterruptible(work)),
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped,
    )

    return {
      submit,
      tellHurried: (refusal) => {
        for (const refuse of hurried) refuse(refusal)
        hurried.clear()
      },
      hurriedComes: Effect.async<void>((resume) => {
        const ring = () => resume(Effect.void)
        bells.add(ring)
        return Effect.sync(() => void bells.delete(ring))
      }),
      isEmpty: () => Option.getOrElse(queue.unsafeSize(), () => 0) <= 0,
      drained: Effect.gen(function* () {
        const empty = yield* Deferred.make<void>()
        yield* Queue.offer(queue, Deferred.succeed(empty, undefined).pipe(Effect.asVoid))
        yield* Deferred.await(empty)
      }),
    }
  })
