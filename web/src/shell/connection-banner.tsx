import { CloudOff } from "lucide-react"
import { useConnectivity } from "../socket/connectivity.ts"

const words = {
  offline: "You are offline. What you see may be out of date; a message that you send waits until you are back.",
  unreachable: "The server cannot be reached. It is tried again and again; what you see may be out of date.",
}

/** Above every page while the server is out of reach. */
export const ConnectionBanner = () => {
  const { state } = useConnectivity()
  return (
    <div role="status" aria-label="Connection">
      {state !== "online" && (
        <p className="flex items-center gap-2 border-b border-line bg-warning-fill px-4 py-1.5 text-sm text-ink">
          <CloudOff aria-hidden className="size-4 shrink-0 text-warning" />
          {words[state]}
        </p>
      )}
    </div>
  )
}
