import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { ChatMachineState } from "../../../../src/contract/inspection.ts"
import { messageOf } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { shortText } from "../short-text.ts"
import type { Sendable } from "./sendable.ts"

interface SendEventProps {
  readonly chatId: string
  /** How all that Trace knows of the chat begins: it is read anew. */
  readonly sourceKey: string
  readonly event: string
  readonly sendable: Sendable
  /** As it is now; it may change while the dialog is open. */
  readonly machine: ChatMachineState
  readonly onClose: () => void
}

/** Why the machine would not take it any more, where it would not. */
const obstacle = ({ accepts, refuses }: ChatMachineState, event: string): string | undefined => {
  if (accepts.includes(event)) return undefined
  return refuses.find((refused) => refused.event === event)?.reason ?? "The state that it is in now does not know it."
}

/** Asks before an event is sent, and says what it does. A refusal is said in its place. */
export const SendEvent = ({ chatId, sourceKey, event, sendable, machine, onClose }: SendEventProps) => {
  const queryClient = useQueryClient()
  // What the person read when the dialog came.
  const [asked] = useState(machine)
  const send = useMutation({
    mutationFn: () => sendable.send(chatId),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["trace", sourceKey] }),
    onSuccess: onClose,
  })
  const moved = machine.version !== asked.version
  const refused = moved ? obstacle(machine, event) : undefined
  const told = refused === undefined ? machine : asked
  return (
    <Dialog open onClose={onClose} title={sendable.title} about={sendable.about(told)}>
      <p className="mt-3 text-xs text-ink-faint">
        {refused === undefined ? "Sends" : "Would have sent"} <code className="font-mono text-ink-soft">{event}</code>{" "}
        to the chat in <code className="font-mono text-ink-soft">{shortText(told.life)}</code>, version {told.version}.
      </p>
      <div className="mt-3 flex flex-col gap-2 empty:hidden">
        {moved && (
          <Callout
            tone="warning"
            role="status"
            title={
              machine.life === asked.life
                ? "The chat has gone on meanwhile"
                : `The chat has gone on meanwhile: it is in ${shortText(machine.life)} now`
            }
          >
            {refused ?? `You read version ${asked.version}; it is at ${machine.version}. Read again what will happen.`}
          </Callout>
        )}
        {send.error !== null && (
          <Callout tone="danger" role="alert" title="It was refused">
            {messageOf(send.error)}
          </Callout>
        )}
      </div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose} data-first-focus>
          Leave it
        </Button>
        <Button
          look={sendable.danger === true ? "danger" : "primary"}
          busy={send.isPending}
          disabled={refused !== undefined}
          onClick={() => send.mutate()}
        >
          {sendable.verb}
        </Button>
      </div>
    </Dialog>
  )
}
