import { useMutation } from "@tanstack/react-query"
import { useParams, useRouter } from "@tanstack/react-router"
import { Route } from "lucide-react"
import { messageOf } from "../api/client.ts"
import type { MessageOrCall } from "../trace/journal/jump.ts"
import { useHost } from "./reading-along.ts"
import { IconButton } from "../ui/button.tsx"
import { notifyFailure } from "../ui/notify.ts"

/** Leads from a message or a tool call to the transition with which it came. */
export const ShowInTrace = ({ what }: { readonly what: MessageOrCall }) => {
  const router = useRouter()
  const { chatId } = useParams({ strict: false })
  const show = useMutation({
    mutationFn: async (chat: string) => {
      const { traceAddress, versionOf } = await import("../trace/journal/jump.ts")
      const version = await versionOf(chat, what)
      if (version === undefined)
        return notifyFailure("It is not in the journal", "What is kept does not reach back to it.")
      router.history.push(traceAddress(chat, version))
    },
    onError: (error) => notifyFailure("Trace could not be opened", messageOf(error)),
  })
  // Where no chat is open, as for a file, there is nothing to go to.
  const [chat] = (chatId ?? "").split("@")
  const host = useHost()
  if (chat === undefined || chat === "" || host !== undefined) return null
  return (
    <IconButton label="Show in Trace" size="small" disabled={show.isPending} onClick={() => show.mutate(chat)}>
      <Route aria-hidden />
    </IconButton>
  )
}
