import { useMutation, useQueryClient } from "@tanstack/react-query"
import { RotateCw } from "lucide-react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { promptsQuery } from "../api/queries.ts"
import { keepAsDraft } from "../composer/drafts.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { notifyFailure } from "../ui/notify.ts"
import { editedContent, useEditing } from "./editing.ts"
import { plainText } from "./rows.ts"

/** An edit empties the queue: what waited in it is put back, and none of its words is lost where that fails. */
const queueAgain = async (chatId: string, queue: ReadonlyArray<QueuedMessage>): Promise<void> => {
  for (const [index, { content, kind, model_config_id }] of queue.entries()) {
    const body = {
      content: editedContent({ content }, plainText(content)),
      busy_behavior: kind,
      ...(model_config_id === undefined ? {} : { model_config_id }),
    }
    try {
      await call("sendMessage", { path: { chat: chatId }, body })
    } catch (error) {
      const left = queue.slice(index).map((message) => plainText(message.content))
      const kept = keepAsDraft(chatId, left.join("\n\n"))
      notifyFailure(
        "A queued message was not queued again",
        `${messageOf(error)}${kept ? " Its text is in the message box." : ""}`,
      )
      return
    }
  }
}

interface RetryTurnProps {
  readonly chatId: string
  /** The model that is chosen for what is sent next. */
  readonly modelId: string | undefined
}

/**
 * Does a failed turn again: its message is sent anew in its own place, and no word is added to the conversation. What the turn had
 * done until it failed is done anew as well, which it says.
 */
export const RetryTurn = ({ chatId, modelId }: RetryTurnProps) => {
  const store = useStreamStore()
  const queryClient = useQueryClient()
  const { canEdit } = useEditing()
  const prompt = useStream(({ stream }) => stream.messages.findLast(({ role }) => role === "user"))
  const steps = useStream(
    ({ stream }) => stream.messages.filter(({ id, role }) => role === "assistant" && id > (prompt?.id ?? 0)).length,
  )
  const retry = useMutation({
    mutationFn: async (message: NonNullable<typeof prompt>) => {
      const { queue } = store.getSnapshot().context.stream
      await call("editMessage", {
        path: { chat: chatId, message: message.id },
        body: {
          content: editedContent(message, plainText(message.content)),
          ...(modelId === undefined ? {} : { model_config_id: modelId }),
        },
      })
      await queueAgain(chatId, queue)
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: promptsQuery(chatId).queryKey }),
    onError: (error) => notifyFailure("The turn was not tried again", messageOf(error)),
  })
  if (prompt === undefined || !canEdit(prompt)) return null
  return (
    <>
      <Button busy={retry.isPending} onClick={() => retry.mutate(prompt)}>
        <RotateCw aria-hidden className="size-4" />
        Try again
      </Button>
      {steps > 0 && (
        <span className="self-center text-xs text-ink-faint">
          {steps === 1 ? "The step before the failure is" : `The ${steps} steps before the failure are`} done anew.
        </span>
      )}
    </>
  )
}
