import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useState } from "react"
import type { Message } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import { promptsQuery } from "../api/queries.ts"
import { Composer } from "../composer/composer.tsx"
import { useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { ComposerDock } from "./composer-dock.tsx"
import { editedContent } from "./editing.ts"
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
