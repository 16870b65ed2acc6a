import { type UseMutationResult, useMutation } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import { call, hasStatus, messageOf } from "../api/client.ts"
import { useStreamStore, type Verdict } from "../stream/store.ts"
import { notifyFailure } from "../ui/notify.ts"

export interface Decision {
  readonly calls: ReadonlyArray<Approval>
  readonly verdict: Verdict
  /** Kept with the decision, and told to the model when it is a denial; at most `MAX_REASON` characters. */
  readonly reason?: string
}

export const MAX_REASON = 2000

/** Decides about calls of the chat that is open. Others may have been quicker: then the page shows what is left to decide. */
export const useDecide = (): UseMutationResult<void, Error, Decision> => {
  const { chatId } = useParams({ from: "/signed-in/chats-layout/agents/$chatId" })
  const store = useStreamStore()
  return useMutation({
    mutationFn: async ({ calls, verdict, reason }: Decision) => {
      const given = reason?.trim() ?? ""
      await call("decideApprovals", {
        path: { chat: chatId },
        body: {
          decisions: calls.map(({ id }) => ({ id, decision: verdict, ...(given === "" ? {} : { reason: given }) })),
        },
      })
    },
    onSuccess: (_, { calls, verdict }) => store.trigger.decided({ calls, verdict }),
    onError: async (error) => {
      await notifyFailure("The decision was not taken", messageOf(error))
      if (!hasStatus(error, 409) && !hasStatus(error, 400)) return
      const { approvals } = await call("listApprovals", { path: { chat: chatId } })
      store.trigger.approvals({ approvals })
    },
  })
}
