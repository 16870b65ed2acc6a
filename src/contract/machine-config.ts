import { Schema } from "effect"
import { MachineContext } from "./inspection.ts"

/** A machine as XState's `createMachine` takes it, as JSON: https://stately.ai/docs/machines. */

const MachineTransitionConfig = Schema.Struct({
  /** Ids of states: `#chat.life.waiting`. Absent where the chat stays. */
  target: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  guard: Schema.optionalWith(Schema.String, { exact: true }),
  actions: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  /** The state is left and entered again. */
  reenter: Schema.optionalWith(Schema.Boolean, { exact: true }),
}).annotations({ identifier: "MachineTransitionConfig" })
export type MachineTransitionConfig = typeof MachineTransitionConfig.Type

const nodeFields = {
  type: Schema.optionalWith(Schema.Literal("parallel"), { exact: true }),
  initial: Schema.optionalWith(Schema.String, { exact: true }),
  tags: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  /** Effects that run while a chat is in the state. */
  invoke: Schema.optionalWith(Schema.Array(Schema.Struct({ src: Schema.String })), { exact: true }),
  on: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Array(MachineTransitionConfig) }), {
    exact: true,
  }),
  always: Schema.optionalWith(Schema.Array(MachineTransitionConfig), { exact: true }),
}

export interface MachineNodeConfig extends Schema.Struct.Type<typeof nodeFields> {
  readonly states?: { readonly [name: string]: MachineNodeConfig }
}

const states = Schema.optionalWith(
  Schema.Record({
    key: Schema.String,
    value: Schema.suspend((): Schema.Schema<MachineNodeConfig> => MachineNodeConfig),
  }),
  { exact: true },
)

const MachineNodeConfig = Schema.Struct({ ...nodeFields, states }).annotations({ identifier: "MachineNodeConfig" })

export const MachineConfig = Schema.Struct({
  id: Schema.String,
  context: MachineContext,
  ...nodeFields,
  states,
}).annotations({ identifier: "MachineConfig" })
export type MachineConfig = typeof MachineConfig.Type
