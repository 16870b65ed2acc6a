import { Effect, Exit, FiberSet, Scope } from "effect"
import { FINALIZER_LIMIT_MS, type Fork } from "./effect-slot.ts"

/**
 * Fibers that callbacks begin, in the present scope: what is left of them at its end is interrupted. It is waited for no longer
 * than its finalizers may take, or one that hangs would keep its chat from ever having an owner again.
 */
export const makeFork: Effect.Effect<Fork, never, Scope.Scope> = Effect.gen(function* () {
  const scope = yield* Effect.acquireRelease(Scope.make(), (own) =>
    Scope.close(own, Exit.void).pipe(Effect.disconnect, Effect.interruptible, Effect.timeoutOption(FINALIZER_LIMIT_MS)),
  )
  const run = yield* FiberSet.makeRuntime<never>().pipe(Scope.extend(scope))
  // The scope may belong to an uninterruptible region, which the runtime would pass on.
  return (effect) => run(Effect.interruptible(effect))
})
