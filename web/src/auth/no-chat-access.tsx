import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { RotateCw } from "lucide-react"
import { useEffect } from "react"
import { Button, buttonClass } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { mayChatQuery } from "./may-chat.ts"

interface NoChatAccessProps {
  /** What was written is still there. */
  readonly kept?: boolean
}

/** Why no chat can be started here, and who mends that. */
export const NoChatAccess = ({ kept = false }: NoChatAccessProps) => {
  const { isFetching, refetch } = useQuery(mayChatQuery)
  useEffect(() => {
    // Two windows beside each other are both seen all the time.
    const onFocus = () => void refetch({ cancelRefetch: false })
    window.addEventListener("focus", onFocus)
    return () => window.removeEventListener("focus", onFocus)
  }, [refetch])
  return (
    <Callout
      tone="info"
      role="status"
      title="You need the role agents-access to start chats"
      actions={
        <>
          <Button onClick={() => void refetch()} busy={isFetching}>
            {!isFetching && <RotateCw aria-hidden className="size-3.5" />}
            Check again
          </Button>
          <Link to="/docs/access" className={buttonClass("quiet")}>
            How access is given
          </Link>
        </>
      }
    >
      Ask an administrator of your organization to give it to you.{kept && " Your text is still below."}
    </Callout>
  )
}
