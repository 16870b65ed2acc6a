import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { call, hasStatus, messageOf } from "../api/client.ts"
import { isResting } from "../chats/status.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { notifyDone, notifyFailure } from "../ui/notify.ts"
import { editedContent } from "./editing.ts"
import { moved, type Move } from "./queue-order.ts"
import { plainText } from "./rows.ts"

type Queue = ReadonlyArray<QueuedMessage>

type Change = Pick<QueuedMessage, "id"> & Partial<Pick<QueuedMessage, "kind"> & Pick<Move, "before">>

/** A row is shown where it goes before the stream says so. Moved once more to where it is, it stays there. */
interface Moving {
  readonly move: Move
  /** What the stream had told when the server had done it: with what it tells next, the move is in there. */
  readonly told: Queue | undefined
}

interface QueueInput {
  readonly chatId: string
  /** Words that have no place in the queue any more: they are to be kept where they can be sent from. */
  readonly onGiveBack: (text: string) => void
}

/** What can be done to the messages that wait. The stream tells what has become of it; until then it is shown as it will be. */
export const useQueue = ({ chatId, onGiveBack }: QueueInput) => {
  const store = useStreamStore()
  const queue = useStream(({ stream }) => stream.queue)
  const [moves, setMoves] = useState<ReadonlyArray<Moving>>([])
  const now = () => store.getSnapshot().context.stream

  const promote = useMutation({
    mutationFn: (queued: number) => call("promoteQueuedMessage", { path: { chat: chatId, queued } }),
    onError: (error) => notifyFailure("The message was not sent", messageOf(error)),
  })

  const change = useMutation({
    // One after the other: each is meant for the order that the one before has made.
    scope: { id: `queue ${chatId}` },
    mutationFn: ({ id, ...body }: Change) => call("patchQueuedMessage", { path: { chat: chatId, queued: id }, body }),
    onSuccess: (_, made) =>
      setMoves((held) => held.map((each) => (each.move === made ? { ...each, told: now().queue } : each))),
    onError: (error, failed) => {
      setMoves((held) => held.filter(({ move }) => move !== failed))
      void notifyFailure("The queue was not changed", messageOf(error))
    },
  })

  const rewrite = useMutation({
    mutationFn: ({ message, text }: { readonly message: QueuedMessage; readonly text: string }) =>
      call("patchQueuedMessage", {
        path: { chat: chatId, queued: message.id },
        body: { content: editedContent(message, text) },
      }),
    onError: (error, { text }) => {
      const late = hasStatus(error, 409) || hasStatus(error, 404)
      onGiveBack(text)
      void notifyFailure(
        late ? "The message does not wait any more" : "The message was not changed",
        `${late ? "" : `${messageOf(error)} `}What you wrote is in the message box.`,
      )
    },
  })

  /** Where nothing goes on any more it would be sent at once: then its words go back to the box. */
  const putBack = async (message: QueuedMessage, before: number | undefined) => {
    const text = plainText(message.content)
    try {
      if (isResting(now().status?.status)) return onGiveBack(text)
      const { content, kind, model_config_id } = message
      const { queued_message } = await call("sendMessage", {
        path: { chat: chatId },
        body: {
          content: editedContent({ content }, text),
          busy_behavior: kind,
          ...(model_config_id === undefined ? {} : { model_config_id }),
        },
      })
      if (queued_message === undefined || !now().queue.some(({ id }) => id === before)) return
      await call("patchQueuedMessage", {
        path: { chat: chatId, queued: queued_message.id },
        body: { before: before ?? null },
      })
    } catch (error) {
      onGiveBack(text)
      void notifyFailure("The message was not queued again", `${messageOf(error)} Its text is in the message box.`)
    }
  }

  const remove = useMutation({
    mutationFn: ({ id }: QueuedMessage) => call("deleteQueuedMessage", { path: { chat: chatId, queued: id } }),
    onMutate: ({ id, kind }) => {
      const same = now().queue.filter((message) => message.kind === kind)
      return { before: same[same.findIndex((message) => message.id === id) + 1]?.id }
    },
    onSuccess: (_, message, { before }) =>
      notifyDone("The message is deleted", { label: "Undo", run: () => void putBack(message, before) }),
    onError: (error) => notifyFailure("The message was not deleted", messageOf(error)),
  })

  // The answer may come before the stream says so: what was deleted does not come back in between.
  const removed = remove.isError ? undefined : remove.variables?.id
  const promoted = promote.isPending ? promote.variables : undefined
  const still = moves.filter(({ told }) => told === undefined || told === queue)
  const ordered = still.reduce((order, { move }) => moved(order, move), queue)
  return {
    queue: ordered.filter(({ id }) => id !== removed && id !== promoted),
    busy: promote.isPending || remove.isPending,
    promote: promote.mutate,
    remove: remove.mutate,
    setKind: (id: number, kind: QueuedMessage["kind"]) => change.mutate({ id, kind }),
    move: (move: Move) => {
      setMoves([...still, { move, told: undefined }])
      change.mutate(move)
    },
    rewrite: rewrite.mutate,
  }
}
