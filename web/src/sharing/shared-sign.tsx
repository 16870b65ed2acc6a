import { useQuery } from "@tanstack/react-query"
import { Users } from "lucide-react"
import { showOverlay } from "../shell/overlays.ts"
import { aclQuery, readerCount, readersOf } from "./sharing-queries.ts"

/** In the head of a chat that others read: with how many it is shared. Pressed, it says with whom. */
export const SharedSign = ({ chatId }: { readonly chatId: string }) => {
  const { data: acl } = useQuery(aclQuery(chatId))
  const count = acl === undefined ? "" : ` with ${readerCount(acl)}`
  const names = acl === undefined ? "" : readersOf(acl).map(({ name }) => name)
  return (
    <button
      type="button"
      aria-label={`Shared${count}: who can read this chat`}
      title={names === "" ? "Shared" : `Shared with ${names.join(", ")}`}
      onClick={() => showOverlay("share")}
      className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded-control px-1.5 text-xs text-ink-soft tabular-nums transition-colors hover:bg-hover hover:text-ink pointer-coarse:h-11 pointer-coarse:px-3"
    >
      <Users aria-hidden className="size-4" />
      {acl !== undefined && readerCount(acl)}
    </button>
  )
}
