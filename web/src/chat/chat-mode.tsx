import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { chatQuery } from "../api/queries.ts"
import { CHAT_MODES, ModeSwitch } from "../composer/mode-switch.tsx"
import { notifyFailure } from "../ui/notify.ts"

interface ChatModeProps {
  readonly chatId: string
  readonly chat: Chat | undefined
}

/** Between acting and planning, for the turns to come. */
export const ChatMode = ({ chatId, chat }: ChatModeProps) => {
  const queryClient = useQueryClient()
  const { queryKey } = chatQuery(chatId)
  const change = useMutation({
    mutationFn: (mode: "act" | "plan") =>
      call("patchChat", { path: { chat: chatId }, body: { plan_mode: mode === "plan" ? "plan" : "" } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey }),
    onError: (error) => notifyFailure("The mode was not changed", messageOf(error)),
  })
  // A chat of another kind has its mode for good.
  if (chat === undefined || chat.mode !== undefined) return null
  const known = chat.plan_mode === "plan" ? "plan" : "act"
  return (
    <ModeSwitch
      options={CHAT_MODES}
      value={change.isPending ? change.variables : known}
      onChange={(mode) => mode !== known && change.mutate(mode)}
      disabled={chat.archived}
    />
  )
}
