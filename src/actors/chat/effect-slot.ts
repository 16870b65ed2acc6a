import { Cause, Effect, Exit, Fiber, FiberId } from "effect"

/** How long the next effect of a chat waits for the finalizers of those before it. */
export const FINALIZER_LIMIT_MS = 5000

/** Begins a fiber that can be interrupted. Its first steps, up to where it waits for something, are taken at once. */
export type Fork = <A>(effect: Effect.Effect<A>) => Fiber.RuntimeFiber<A>

/** Identity of one run of an effect. What an effect sends is dropped once its token is not the slot's any more. */
export interface EffectToken {
  readonly name: string
  /** Why this run is being interrupted; read only then. */
  readonly stopping: "user" | "shutdown"
}

interface Run {
  readonly name: string
  stopping: "user" | "shutdown"
}

/**
 * The one effect that a chat runs at a time. Starting and stopping are synchronous, because what has begun is
 * to be known to whoever is told of the change next; a start waits, in its own fiber, until all effects before it have wound up.
 */
export class EffectSlot {
  readonly #fork: Fork
  /** An effect has failed, or ended, and the chat is still in its state. */
  readonly #onDefect: (token: EffectToken, cause: Cause.Cause<never>) => void
  #current: Run | undefined
  #fiber: Fiber.RuntimeFiber<void> | undefined
  /** Effects that were stopped and have finalizers to run, and how long each may still take for them. */
  readonly #endings = new Map<Fiber.RuntimeFiber<unknown>, number>()
  #closed = false
  #progressAt = performance.now()

  constructor(fork: Fork, onDefect: (token: EffectToken, cause: Cause.Cause<never>) => void) {
    this.#fork = fork
    this.#onDefect = onDefect
  }

  isCurrent(token: EffectToken): boolean {
    return this.#current === token
  }

  get busy(): boolean {
    return this.#current !== undefined
  }

  /** The effect has done something that shows that it is not stuck. */
  progress(): void {
    this.#progressAt = performance.now()
  }

  /** The effect that runs, when it has shown no progress for longer than `limitMs` gives it. */
  stalled(limitMs: (name: string) => number): EffectToken | undefined {
    const token = this.#current
    return token !== undefined && performance.now() - this.#progressAt > limitMs(token.name) ? token : undefined
  }

  start(name: string, effect: (token: EffectToken) => Effect.Effect<void>): void {
    this.stop()
    if (this.#closed) return
    const token: Run = { name, stopping: "user" }
    this.#current = token
    this.progress()
    // A stop that comes while we still wait must end in nothing having been started.
    const run = this.woundUp().pipe(
      Effect.zipRight(Effect.suspend(() => (this.isCurrent(token) ? effect(token) : Effect.void))),
    )
    const fiber = this.#fork(run)
    this.#fiber = fiber
    // Whatever an effect has to say makes the chat leave the state, and that stops the effect. One that has ended while it
    // is still the slot's has left the chat where it was, with nobody to move it.
    fiber.addObserver((exit) => {
      if (!this.isCurrent(token)) return
      this.#onDefect(token, Exit.isFailure(exit) ? exit.cause : Cause.die(new Error("it ended without a word")))
    })
  }

  /** Ends the effect because the chat has left its state: tools are told to end their work. */
  stop(): void {
    this.#end("user")
  }

  /** Ends the effect because the actor ends, and starts none any more: tools are told to leave their work running. */
  close(): void {
    this.#closed = true
    this.#end("shutdown")
  }

  /** Waits for the effects that have been stopped by now, for each as long as its finalizers may take. */
  woundUp(): Effect.Effect<void> {
    if (this.#endings.size === 0) return Effect.void
    return Effect.forEach(
      [...this.#endings],
      ([fiber, until]) => Fiber.await(fiber).pipe(Effect.timeoutOption(Math.max(0, until - performance.now()))),
      { discard: true },
    )
  }

  #end(why: "user" | "shutdown"): void {
    const run = this.#current
    const fiber = this.#fiber
    this.#current = undefined
    this.#fiber = undefined
    if (run === undefined || fiber === undefined) return
    run.stopping = why
    this.#endings.set(fiber, performance.now() + FINALIZER_LIMIT_MS)
    fiber.addObserver(() => void this.#endings.delete(fiber))
    fiber.unsafeInterruptAsFork(FiberId.none)
  }
}
