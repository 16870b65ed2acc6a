import { Context, type Effect } from "effect"
import type { EffectInput } from "../machines/chat-setup.ts"
import type { TurnHost } from "./turn-host.ts"

/** An effect of a live state: runs while the chat is in it, and is interrupted when the chat leaves it. */
export type TurnEffect = (host: TurnHost, input: EffectInput) => Effect.Effect<void>

/** The effects of the chat machine, by the name under which the machine invokes them. */
export interface TurnEffects {
  readonly generate: TurnEffect
  readonly execute: TurnEffect
  readonly compact: TurnEffect
  readonly backOff: TurnEffect
  readonly finishInterruption: TurnEffect
  readonly awaitClientTools: TurnEffect
}

export class Turn extends Context.Tag("troupe/Turn")<Turn, TurnEffects>() {}
