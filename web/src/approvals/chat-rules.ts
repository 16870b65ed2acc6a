import { useQueryClient } from "@tanstack/react-query"
import type { ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { call, messageOf } from "../api/client.ts"
import { toolPolicyQuery } from "../api/queries.ts"
import { notifyFailure } from "../ui/notify.ts"

type Rules = ReadonlyArray<ToolPolicyRule>

/**
 * Changes the rules that a chat has for its tools. They are read first, since they are set as a whole and another page may have
 * changed them. What went wrong is said, and thrown.
 */
export const useChangeRules = (chatId: string) => {
  const queryClient = useQueryClient()
  const change = async (to: (own: Rules) => Rules): Promise<void> => {
    try {
      const path = { chat: chatId }
      const tool_policy = to((await call("getChatToolPolicy", { path })).rules)
      await call("patchChat", { path, body: { tool_policy } })
      queryClient.setQueryData(toolPolicyQuery(chatId).queryKey, { rules: tool_policy })
    } catch (error) {
      void notifyFailure("The rules of this chat were not changed", messageOf(error))
      throw error
    }
  }
  return { change }
}
