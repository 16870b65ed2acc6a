import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useState } from "react"
import type { Message } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import { promptsQuery } from "../api/queries.ts"
import { Composer } from "../composer/composer.tsx"
import { keepAsDraft } from "../composer/drafts.ts"
import { useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { useStream } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { notifyFailure } from "../ui/notify.ts"
import { ComposerDock } from "./composer-dock.tsx"
import { editedContent, isReplaced } from "./editing.ts"
import { plainText } from "./rows.ts"

interface EditComposerProps {
  readonly chatId: string
  readonly message: Message
  /** Model the chat used last. */
  readonly lastModel: string | undefined
  readonly onClose: (sent: boolean) => void
}

/** Writes an earlier message anew. The draft of the ordinary composer is not touched. */
export const EditComposer = ({ chatId, message, lastModel, onClose }: EditComposerProps) => {
  const queryClient = useQueryClient()
  const fieldRef = useFocusOnMount<HTMLTextAreaElement>()
  const [text, setText] = useState(() => plainText(message.content))
  const model = useModelChoice(lastModel)
  const { chosen } = model
  const edit = useMutation({
    mutationFn: () =>
      call("editMessage", {
        path: { chat: chatId, message: message.id },
        body: {
          content: editedContent(message, text),
          ...(chosen === undefined ? {} : { model_config_id: chosen.id }),
        },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: promptsQuery(chatId).queryKey })
      onClose(true)
    },
  })
  const failure = formErrors(edit.error, []).summary

  // Edited in another tab, or by somebody else: there is nothing left to write anew.
  const replaced = useStream(({ stream }) => isReplaced(stream.messages, message.id))
  const leave = useEffectEvent(() => {
    const kept = text !== plainText(message.content) && keepAsDraft(chatId, text)
    onClose(false)
    void notifyFailure(
      "The message you were editing is gone",
      `The conversation was changed elsewhere.${kept ? " What you wrote is in the message box." : ""}`,
    )
  })
  useEffect(() => {
    if (replaced && !edit.isPending) leave()
  }, [replaced, edit.isPending])

  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !edit.isPending) onClose(false)
  })
  useEffect(() => {
    document.addEventListener("keydown", onEscape)
    return () => document.removeEventListener("keydown", onEscape)
  }, [])

  return (
    <ComposerDock>
      {failure !== undefined && (
        <Callout tone="danger" role="alert" title="The message was not changed">
          {failure}
        </Callout>
      )}
      <Callout
        tone="info"
        role="status"
        title="Editing an earlier message"
        actions={
          <Button disabled={edit.isPending} onClick={() => onClose(false)}>
            Cancel
          </Button>
        }
      >
        Sending it removes everything that came after it, queued messages too.
      </Callout>
      <Composer
        label="Edited message"
        placeholder="Message"
        text={text}
        onText={setText}
        onSend={() => edit.mutate()}
        sending={edit.isPending}
        canSend
        fieldRef={fieldRef}
      >
        <ModelPicker {...model} />
      </Composer>
    </ComposerDock>
  )
}
