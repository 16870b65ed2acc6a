import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { chatQuery, toolPolicyQuery } from "../api/queries.ts"
import { type Mode, modeChange, modeOf } from "../composer/mode.ts"
import { MODES, ModeSwitch } from "../composer/mode-switch.tsx"
import { notifyFailure } from "../ui/notify.ts"

interface ChatModeProps {
  readonly chatId: string
  readonly chat: Chat | undefined
}

/** Whether the chat asks first, just works, or plans: for the turns to come, and what waits for a person is judged by it at once. */
export const ChatMode = ({ chatId, chat }: ChatModeProps) => {
  const queryClient = useQueryClient()
  const rules = useQuery(toolPolicyQuery(chatId))
  const change = useMutation({
    mutationFn: async (mode: Mode) => {
      const path = { chat: chatId }
      // They are set as a whole, and another page may have changed them.
      const { rules: own } = await call("getChatToolPolicy", { path })
      return call("patchChat", { path, body: modeChange(mode, own) })
    },
    onSettled: () =>
      Promise.all(
        [chatQuery(chatId), toolPolicyQuery(chatId)].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey })),
      ),
    onError: (error) => notifyFailure("The mode was not changed", messageOf(error)),
  })
  // A chat of another kind has its mode for good.
  if (chat?.mode !== undefined) return null
  const known = chat === undefined || rules.data === undefined ? undefined : modeOf(chat.plan_mode, rules.data.rules)
  return (
    <ModeSwitch
      options={MODES}
      value={change.isPending ? change.variables : known}
      onChange={(mode) => mode !== known && change.mutate(mode)}
      disabled={known === undefined || chat?.archived === true}
    />
  )
}
