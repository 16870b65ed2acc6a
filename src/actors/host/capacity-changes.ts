import { Effect, Layer } from "effect"
import { capacity } from "../../contract/deployment-settings.ts"
import { DeploymentSettings } from "../../db/deployment/deployment-settings.ts"
import { Admission } from "./admission.ts"

/** Whoever waits for a slot may have room by now. */
export const admitWhenCapacityChanges = Layer.effectDiscard(
  Effect.gen(function* () {
    const { ring } = yield* Admission
    yield* (yield* DeploymentSettings).onWritten(capacity, Effect.sync(ring))
  }),
)
