import { Eye } from "lucide-react"
import { Callout } from "../ui/callout.tsx"

interface ReadingNoticeProps {
  /** Who owns the chat. */
  readonly host: string
  readonly archived: boolean
  /** One's roles let one look, and nobody was asked. */
  readonly administers: boolean
}

/** Where the owner of a chat writes, who reads along is told why there is nothing to write in. */
export const ReadingNotice = ({ host, archived, administers }: ReadingNoticeProps) => (
  <Callout
    tone="info"
    role="status"
    Icon={Eye}
    title={
      archived
        ? `${host} has archived this chat`
        : administers
          ? `You look into a chat of ${host} as an administrator`
          : `${host} shared this chat with you`
    }
  >
    {archived
      ? "It can still be read. Nothing is added to it for now."
      : administers
        ? "What you read is written down in the audit log. Only its owner writes in it and decides what tools may do."
        : `You can read along: what is written appears here as it comes. Only ${host} writes and decides.`}
  </Callout>
)
