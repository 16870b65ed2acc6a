import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Approval, ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { call, hasStatus, messageOf } from "../api/client.ts"
import { toolPolicyQuery } from "../api/queries.ts"
import type { Verdict } from "../stream/store.ts"
import { notifyDone, notifyFailure } from "../ui/notify.ts"
import { ruleKey, ruleSubject } from "./asked-calls.ts"
import { useChangeRules } from "./chat-rules.ts"

export interface Decision {
  readonly calls: ReadonlyArray<Approval>
  readonly verdict: Verdict
  /** Kept with the decision, and told to the model when it is a denial; at most `MAX_REASON` characters. */
  readonly reason?: string
  /** Put before the rules of the chat, for the rest of it. */
  readonly allow?: ReadonlyArray<ToolPolicyRule>
}

export const MAX_REASON = 2000

interface Waiting {
  readonly chatId: string
  /** This was decided here. */
  readonly onDecided: (decision: Decision) => void
  /** Others were quicker: this is what is left to decide. */
  readonly onLeft: (approvals: ReadonlyArray<Approval>) => void
}

const stillWaiting = async (chatId: string): Promise<ReadonlyArray<Approval>> =>
  (await call("listApprovals", { path: { chat: chatId } })).approvals

/** Decides about calls of a chat, all in one request. New rules go first, and the server lets run by them what it can. */
export const useDecide = ({ chatId, onDecided, onLeft }: Waiting): UseMutationResult<void, Error, Decision> => {
  const queryClient = useQueryClient()
  const rules = useChangeRules(chatId)

  const allowFirst = async (allow: ReadonlyArray<ToolPolicyRule>, calls: ReadonlyArray<Approval>) => {
    if (allow.length === 0) return calls
    await rules.change((own) => {
      const known = new Set(own.map(ruleKey))
      return [...allow.filter((rule) => !known.has(ruleKey(rule))), ...own]
    })
    const left = new Set((await stillWaiting(chatId)).map(({ id }) => id))
    return calls.filter(({ id }) => left.has(id))
  }

  const sayAllowed = (allow: ReadonlyArray<ToolPolicyRule>) => {
    const taken = new Set(allow.map(ruleKey))
    const subject = allow.length === 1 ? allow.map(ruleSubject).join("") : `${allow.length} commands`
    return notifyDone(`${subject} is allowed for the rest of this chat`.replace("commands is", "commands are"), {
      label: "Undo",
      run: () => void rules.change((own) => own.filter((rule) => !taken.has(ruleKey(rule)))).catch(() => undefined),
    })
  }

  return useMutation({
    mutationFn: async ({ allow = [], calls, reason, verdict }: Decision) => {
      const given = reason?.trim() ?? ""
      const left = await allowFirst(allow, calls)
      if (left.length === 0) return
      await call("decideApprovals", {
        path: { chat: chatId },
        body: {
          decisions: left.map(({ id }) => ({ id, decision: verdict, ...(given === "" ? {} : { reason: given }) })),
        },
      })
    },
    onSuccess: (_, decision) => {
      onDecided(decision)
      if (decision.allow !== undefined && decision.allow.length > 0) void sayAllowed(decision.allow)
    },
    onError: async (error) => {
      await notifyFailure("The decision was not taken", messageOf(error))
      if (hasStatus(error, 409) || hasStatus(error, 400)) onLeft(await stillWaiting(chatId))
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: toolPolicyQuery(chatId).queryKey }),
  })
}
