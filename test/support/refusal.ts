import { Cause, Option, Runtime } from "effect"

/** The typed error with which a call of the engine was refused. Rejects when it was not, or when it broke. */
export const refusal = async (call: Promise<unknown>): Promise<unknown> => {
  const outcome = await call.then(
    () => ({ refused: false as const }),
    (error: unknown) => ({ refused: true as const, error }),
  )
  if (!outcome.refused) throw new Error("It was not refused")
  const { error } = outcome
  if (!Runtime.isFiberFailure(error)) throw error
  const failure = Cause.failureOption(error[Runtime.FiberFailureCauseId])
  if (Option.isNone(failure)) throw error
  return failure.value
}
