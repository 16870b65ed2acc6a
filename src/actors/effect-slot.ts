import { Cause, Effect, Exit, Fiber, Runtime } from "effect"

/** How long the next effect of a chat waits for the finalizers of the one before it. */
const FINALIZER_LIMIT = "5 seconds"

/** Identity of one run of an effect. What an effect sends is dropped once its token is not the slot's any more. */
export interface EffectToken {
  readonly name: string
}

/**
 * The one effect that a chat runs at a time. Starting and stopping are synchronous, because the machine does both inside a
 * transition; a start waits, in its own fiber, until the effect before it has wound up.
 */
export class EffectSlot {
  readonly #runtime: Runtime.Runtime<never>
  /** An effect has failed, or ended, and the chat is still in its state. */
  readonly #onDefect: (token: EffectToken, cause: Cause.Cause<never>) => void
  #token: EffectToken | undefined
  #fiber: Fiber.RuntimeFiber<void> | undefined
  #stopping: "user" | "shutdown" = "user"
  #progressAt = performance.now()

  constructor(runtime: Runtime.Runtime<never>, onDefect: (token: EffectToken, cause: Cause.Cause<never>) => void) {
    this.#runtime = runtime
    this.#onDefect = onDefect
  }

  get stopping(): "user" | "shutdown" {
    return this.#stopping
  }

  isCurrent(token: EffectToken): boolean {
    return this.#token === token
  }

  get busy(): boolean {
    return this.#token !== undefined
  }

  /** The effect has done something that shows that it is not stuck. */
  progress(): void {
    this.#progressAt = performance.now()
  }

  /** The effect that runs, when it has shown no progress for longer than `limitMs` gives it. */
  stalled(limitMs: (name: string) => number): EffectToken | undefined {
    const token = this.#token
    return token !== undefined && performance.now() - this.#progressAt > limitMs(token.name) ? token : undefined
  }

  start(name: string, effect: (token: EffectToken) => Effect.Effect<void>): void {
    const token: EffectToken = { name }
    const previous = this.#fiber
    this.#token = token
    this.progress()
    const settled =
      previous === undefined ? Effect.void : Fiber.await(previous).pipe(Effect.timeoutOption(FINALIZER_LIMIT))
    // A stop that comes while we still wait must end in nothing having been started.
    const run = settled.pipe(
      Effect.zipRight(Effect.suspend(() => (this.isCurrent(token) ? effect(token) : Effect.void))),
    )
    // The actor may have been started in an uninterruptible region, which its runtime would pass on.
    const fiber = Runtime.runFork(this.#runtime)(Effect.interruptible(run))
    this.#fiber = fiber
    // Whatever an effect has to say makes the chat leave the state, and that stops the effect. One that has ended while it
    // is still the slot's has left the chat where it was, with nobody to move it.
    fiber.addObserver((exit) => {
      if (!this.isCurrent(token)) return
      this.#onDefect(token, Exit.isFailure(exit) ? exit.cause : Cause.die(new Error("it ended without a word")))
    })
  }

  stop(): void {
    this.#token = undefined
    const fiber = this.#fiber
    if (fiber !== undefined) Runtime.runFork(this.#runtime)(Fiber.interruptFork(fiber))
  }

  /** Ends the effect because the process ends: tools are told to leave their work running. */
  shutdown(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#stopping = "shutdown"
      this.#token = undefined
      const fiber = this.#fiber
      return fiber === undefined
        ? Effect.void
        : Fiber.interrupt(fiber).pipe(Effect.interruptible, Effect.timeoutOption(FINALIZER_LIMIT), Effect.asVoid)
    })
  }
}
