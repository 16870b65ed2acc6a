import { Effect } from "effect"
import type { NewChat } from "../../db/chats/store/new-chat.ts"
import { detailOf } from "../../machines/chat-journal.ts"
import { CHAT_MACHINE_VERSION, initialContext } from "../../machines/chat-setup.ts"
import { activityOf, decide, type EffectStep, unborn } from "../../machines/chat-state.ts"
import type { SlotGrant } from "./slots.ts"

/** A chat that is to be created, before anything is decided about it: data, as a command is. */
export type ChatToCreate = Omit<
  NewChat,
  "activity" | "resume" | "attempt" | "journal" | "machineVersion" | "slotLimits"
>

export interface Birth {
  readonly chat: NewChat
  /** What begins with it. */
  readonly effects: ReadonlyArray<EffectStep>
}

/** The first transition. With a slot the chat begins its first turn in the commit that creates it. */
export const birthOf = (chat: ChatToCreate, grant: SlotGrant | undefined): Effect.Effect<Birth> => {
  const event = {
    type: "Create",
    messages: chat.messages,
    ...(grant !== undefined && { slot: "granted" as const }),
  } as const
  const born = decide(unborn(chat.planMode ? "plan" : "normal", initialContext), event)
  if (born === undefined) return Effect.dieMessage("the machine refused to create a chat")
  const { context, value } = born.next
  const newChat: NewChat = {
    ...chat,
    activity: activityOf(value),
    resume: context.resume,
    attempt: context.attempt,
    journal: {
      event: event.type,
      detail: detailOf(event, { modelConfigId: chat.modelConfigId, planMode: chat.planMode, recoveryAttempts: 0 }),
      fromActivity: "none",
      actorUserId: chat.ownerId,
      startedAtUs: performance.now() * 1000,
    },
    machineVersion: CHAT_MACHINE_VERSION,
    ...(grant !== undefined && { slotLimits: grant.limits }),
  }
  return Effect.succeed({ chat: newChat, effects: born.effects })
}
