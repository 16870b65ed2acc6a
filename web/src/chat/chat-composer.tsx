import { useMutation, useQueryClient } from "@tanstack/react-query"
import { type KeyboardEvent, useEffect, useState } from "react"
import type { BusyBehavior, Chat } from "../../../src/contract/chats.ts"
import { call, hasStatus, messageOf } from "../api/client.ts"
import { chatQuery, promptsQuery } from "../api/queries.ts"
import { isIn } from "../chats/status.ts"
import { Composer } from "../composer/composer.tsx"
import { useDraft } from "../composer/drafts.ts"
import type { ModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { NoModels } from "../composer/no-models.tsx"
import { ContextRing } from "../composer/context-ring.tsx"
import { contextUsage, isSameUsage } from "../composer/context-usage.ts"
import { canSteer, keyHints } from "../composer/key-hints.ts"
import { usePromptHistory } from "../composer/use-prompt-history.ts"
import { WaitingMessage } from "../composer/waiting-message.tsx"
import { turnGoesOn } from "../stream/state.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { focusToWrite, useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { notifyFailure } from "../ui/notify.ts"
import { ArchivedNotice } from "./archived-notice.tsx"
import { ChatMode } from "./chat-mode.tsx"
import { ComposerDock } from "./composer-dock.tsx"
import { QueueSlot } from "./queue-slot.tsx"

interface ChatComposerProps {
  readonly chatId: string
  readonly chat: Chat | undefined
  readonly model: ModelChoice
  readonly onSent: () => void
}

/** Stopping the turn that runs, from the button or with Esc in the message box. While tools run, Esc asks once. */
const useStop = (chatId: string) => {
  const queryClient = useQueryClient()
  const running = useStream(({ stream }) => turnGoesOn(stream))
  const toolsRun = useStream(({ stream }) => isIn(stream.status, "running.executing"))
  const [asked, setAsked] = useState(false)
  const interrupting = useStream(({ stream }) => isIn(stream.status, "running.interrupting"))
  const interrupt = useMutation({
    mutationFn: () => call("interruptChat", { path: { chat: chatId }, body: {} }),
    onSuccess: (chat) => queryClient.setQueryData(chatQuery(chatId).queryKey, chat),
    onError: (error) => notifyFailure("The turn could not be stopped", messageOf(error)),
  })
  const stopping = interrupt.isPending || interrupting
  const asks = asked && toolsRun && !stopping
  const stop = () => {
    setAsked(false)
    if (running && !stopping) interrupt.mutate()
  }
  const onEscape = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // What is open on top of the page, or gone through in the box, takes the key first.
    if (event.key !== "Escape" || event.defaultPrevented || event.nativeEvent.isComposing || !running) return
    event.preventDefault()
    if (toolsRun && !asks) setAsked(true)
    else stop()
  }
  return { running, stopping, stop, asks, onEscape, goOn: () => setAsked(false) }
}

interface Outgoing {
  readonly text: string
  readonly behavior?: BusyBehavior
}

/** Writing to a chat: sends, queues while a turn runs, stops it. */
export const ChatComposer = ({ chatId, chat, model, onSent }: ChatComposerProps) => {
  const store = useStreamStore()
  const queryClient = useQueryClient()
  const fieldRef = useFocusOnMount<HTMLTextAreaElement>()
  const [text, setText] = useDraft(chatId)
  const { running, stopping, stop, asks, onEscape, goOn } = useStop(chatId)
  const { chosen } = model
  const status = useStream(({ stream }) => stream.status)
  const waiting = useStream(({ stream }) => stream.queue.length)
  const usage = useStream(({ stream }) => contextUsage(stream.messages, chosen?.context_limit), isSameUsage)
  const onHistoryKey = usePromptHistory(chatId, text, setText)

  const send = useMutation({
    mutationKey: ["send", chatId],
    mutationFn: (outgoing: Outgoing) =>
      call("sendMessage", {
        path: { chat: chatId },
        body: {
          content: [{ type: "text", text: outgoing.text }],
          ...(outgoing.behavior === undefined ? {} : { busy_behavior: outgoing.behavior }),
          // Without one, the chat keeps its model.
          ...(chosen === undefined ? {} : { model_config_id: chosen.id }),
        },
      }),
    onSuccess: ({ message }, outgoing) => {
      if (outgoing.text === text) setText("")
      void queryClient.invalidateQueries({ queryKey: promptsQuery(chatId).queryKey })
      if (message !== undefined) store.trigger.messages({ messages: [message] })
      onSent()
    },
  })
  // Nothing is sent to a model that nobody has chosen.
  const sendNow = (outgoing: Outgoing) => {
    if (chosen === undefined && model.models !== undefined && model.models.length > 0) model.setAsking(true)
    else send.mutate(outgoing)
  }
  const giveBack = (words: string) => {
    const held = fieldRef.current?.value ?? ""
    setText(held.trim() === "" ? words : `${held}\n\n${words}`)
    focusToWrite(fieldRef.current)
  }
  const failure = formErrors(send.error, []).summary
  // What was not sent for want of a connection is no news once there is one.
  const connected = useStream(({ connection }) => connection.state === "open")
  const { reset, isError, error } = send
  useEffect(() => {
    if (connected && isError && hasStatus(error, 0)) reset()
  }, [connected, isError, error, reset])
  const archived = chat?.archived === true
  const canSend = !archived && model.models?.length !== 0

  return (
    <ComposerDock>
      {failure !== undefined && (
        <Callout
          tone="danger"
          role="alert"
          title="The message was not sent"
          actions={<Button onClick={() => send.mutate({ text })}>Send again</Button>}
        >
          {failure} Your text is still below.
        </Callout>
      )}
      {send.isPaused && (
        <WaitingMessage
          mutationKey={["send", chatId]}
          onTakenBack={() => {
            reset()
            focusToWrite(fieldRef.current)
          }}
        />
      )}
      {asks && (
        <Callout
          tone="warning"
          role="alert"
          title="A tool is running"
          actions={
            <>
              <Button look="danger" onClick={stop}>
                Stop the turn
              </Button>
              <Button
                look="quiet"
                onClick={() => {
                  goOn()
                  focusToWrite(fieldRef.current)
                }}
              >
                Let it run
              </Button>
            </>
          }
        >
          Stopping the turn ends it as well. Press Esc again to stop.
        </Callout>
      )}
      {archived && <ArchivedNotice chatId={chatId} />}
      {model.models?.length === 0 && <NoModels />}
      <Composer
        label="Message"
        placeholder={archived ? "Archived" : running ? "Add something while it works" : "Reply"}
        text={text}
        onText={(next) => {
          setText(next)
          if (isError) reset()
        }}
        onSend={(written) => sendNow({ text: written })}
        sending={send.isPending}
        canSend={canSend}
        disabled={archived}
        onKey={(event) => {
          onHistoryKey(event)
          onEscape(event)
        }}
        onSendAs={running ? (behavior, written) => sendNow({ text: written, behavior }) : undefined}
        canSteer={canSteer(status)}
        hints={archived ? undefined : keyHints(status, waiting)}
        above={
          <QueueSlot
            chatId={chatId}
            canChange={!archived}
            onTaken={() => focusToWrite(fieldRef.current)}
            onGiveBack={giveBack}
          />
        }
        facts={usage !== undefined && <ContextRing usage={usage} />}
        onStop={running ? stop : undefined}
        stopping={stopping}
        fieldRef={fieldRef}
      >
        <ChatMode chatId={chatId} chat={chat} />
        <ModelPicker {...model} />
      </Composer>
    </ComposerDock>
  )
}
