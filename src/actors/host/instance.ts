import { Context, Layer } from "effect"
import { randomUUID } from "node:crypto"
import type { ServerInstanceId } from "../../contract/ids.ts"

/** Identity of this process among all that share the database; new at every start. */
export class InstanceId extends Context.Tag("troupe/InstanceId")<InstanceId, ServerInstanceId>() {
  static readonly layer = Layer.sync(InstanceId, () => randomUUID())
}
