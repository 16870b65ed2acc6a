import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Chat } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ChatAtVersion, ChatMachineState, ChatTransitions, MachineGraph } from "../inspection.ts"
import { MachineConfig } from "../machine-config.ts"
import { ReceiptBy, TokenScope } from "./access.ts"
import { ChatId, ProviderCallId } from "../ids.ts"
import { ChatSteps } from "../steps.ts"

const ChatPath = Schema.Struct({ chat: ChatId })

/** Inspection, time travel, and the way out of a state that the machine does not have. */
export const MachinesRoutes = HttpApiGroup.make("machines")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.get("chatMachineGraph", "/machines/chat")
      // `graph`: states and arrows; `xstate`: the JSON of which `createMachine` of XState makes the same machine.
      .setUrlParams(Schema.Struct({ format: Schema.optional(Schema.Literal("graph", "xstate")) }))
      .addSuccess(Schema.Union(MachineGraph, MachineConfig)),
  )
  .add(
    HttpApiEndpoint.get("chatMachineState", "/chats/:chat/machine")
      .setPath(ChatPath)
      .addSuccess(ChatMachineState)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("chatTransitions", "/chats/:chat/transitions")
      .setPath(ChatPath)
      .setUrlParams(
        Schema.Struct({
          after: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 1000))),
          // Only those with which this message came and went, or this tool call was asked for and settled.
          message: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
          call: Schema.optional(ProviderCallId),
        }),
      )
      .addSuccess(ChatTransitions)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("chatSteps", "/chats/:chat/steps").setPath(ChatPath).addSuccess(ChatSteps).addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("chatAtVersion", "/chats/:chat/at/:version")
      .setPath(
        Schema.Struct({
          chat: ChatId,
          version: Schema.NumberFromString.pipe(Schema.int(), Schema.positive()),
        }),
      )
      // At most the newest `tail` messages, of those with an id below `before`; all of them where neither is given.
      .setUrlParams(
        Schema.Struct({
          tail: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1000))),
          before: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
        }),
      )
      .addSuccess(ChatAtVersion)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("reconcileInvalid", "/chats/:chat/reconcile-invalid")
      .setPath(ChatPath)
      .addSuccess(Chat)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
