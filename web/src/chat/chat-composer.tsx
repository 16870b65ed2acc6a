import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useEffect, useEffectEvent } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { chatQuery } from "../api/queries.ts"
import { Composer } from "../composer/composer.tsx"
import { useDraft } from "../composer/drafts.ts"
import { useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { NoModels } from "../composer/no-models.tsx"
import { turnGoesOn } from "../stream/state.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { Callout } from "../ui/callout.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { notifyFailure } from "../ui/notify.ts"
import { QueuedMessages } from "./queued-messages.tsx"

interface ChatComposerProps {
  readonly chatId: string
  readonly chat: Chat | undefined
  readonly onSent: () => void
}

/** Stopping the turn that runs, from the button or with Esc. */
const useStop = (chatId: string) => {
  const queryClient = useQueryClient()
  const running = useStream(({ stream }) => turnGoesOn(stream))
  const interrupting = useStream(({ stream }) => stream.status?.activity.includes("interrupting") ?? false)
  const interrupt = useMutation({
    mutationFn: () => call("interruptChat", { path: { chat: chatId }, body: {} }),
    onSuccess: (chat) => queryClient.setQueryData(chatQuery(chatId).queryKey, chat),
    onError: (error) => notifyFailure("The turn could not be stopped", messageOf(error)),
  })
  const stopping = interrupt.isPending || interrupting
  const stop = () => {
    if (running && !stopping) interrupt.mutate()
  }
  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    // Whatever is open on top of the page takes the key first.
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) stop()
  })
  useEffect(() => {
    document.addEventListener("keydown", onEscape)
    return () => document.removeEventListener("keydown", onEscape)
  }, [])
  return { running, stopping, stop }
}

/** Writing to a chat: sends, queues while a turn runs, stops it. */
export const ChatComposer = ({ chatId, chat, onSent }: ChatComposerProps) => {
  const store = useStreamStore()
  const fieldRef = useFocusOnMount<HTMLTextAreaElement>()
  const [text, setText] = useDraft(chatId)
  const model = useModelChoice(chat?.last_model_config_id)
  const { running, stopping, stop } = useStop(chatId)
  const { chosen } = model

  const send = useMutation({
    mutationFn: () =>
      call("sendMessage", {
        path: { chat: chatId },
        body: {
          content: [{ type: "text", text }],
          // Without one, the chat keeps its model.
          ...(chosen === undefined ? {} : { model_config_id: chosen.id }),
        },
      }),
    onSuccess: ({ message }) => {
      setText("")
      if (message !== undefined) store.trigger.messages({ messages: [message] })
      onSent()
    },
  })
  const failure = formErrors(send.error, []).summary
  const archived = chat?.archived === true

  return (
    <div className="relative shrink-0 before:pointer-events-none before:absolute before:inset-x-0 before:bottom-full before:h-6 before:bg-linear-to-t before:from-canvas before:to-transparent pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <div className="reading-column flex flex-col gap-2">
        {failure !== undefined && (
          <Callout tone="danger" role="alert" title="The message was not sent">
            {failure} Your text is still below.
          </Callout>
        )}
        {archived && (
          <Callout tone="info" title="This chat is archived">
            It can be read, but not continued.
          </Callout>
        )}
        {model.models?.length === 0 && <NoModels />}
        <QueuedMessages />
        <Composer
          label="Message"
          placeholder={running ? "Queue a message" : "Reply"}
          text={text}
          onText={setText}
          onSend={() => send.mutate()}
          sending={send.isPending}
          canSend={!archived && model.models?.length !== 0}
          onStop={running ? stop : undefined}
          stopping={stopping}
          fieldRef={fieldRef}
        >
          <ModelPicker {...model} />
        </Composer>
      </div>
    </div>
  )
}
