import { useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useEffect } from "react"
import { buttonClass } from "../ui/button.tsx"

interface ChatGoneProps {
  readonly chatId: string
  /** Who let one read it until just now. */
  readonly host: string | undefined
}

/** In place of a chat that is not there, or may not be read: nothing that was read of it is kept. */
export const ChatGone = ({ chatId, host }: ChatGoneProps) => {
  const queryClient = useQueryClient()
  useEffect(() => {
    const ofChat = {
      predicate: ({ queryKey }: { readonly queryKey: ReadonlyArray<unknown> }) => queryKey.includes(chatId),
    }
    queryClient.removeQueries({ ...ofChat, type: "inactive" })
    return () => queryClient.removeQueries(ofChat)
  }, [chatId, queryClient])
  return (
    <div role="status" className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
      <h1 className="text-lg font-semibold">
        {host === undefined ? "This chat is not here" : "This chat is no longer shared with you"}
      </h1>
      <p className="max-w-md text-ink-soft">
        {host === undefined
          ? "It does not exist, or it is not shared with you."
          : `${host} has stopped sharing it. Ask ${host} to share it again if you still need it.`}
      </p>
      <Link to={host === undefined ? "/agents" : "/chats"} className={`mt-2 ${buttonClass()}`}>
        {host === undefined ? "Start a new chat" : "Back to the chats"}
      </Link>
    </div>
  )
}
