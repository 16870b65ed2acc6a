import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { call, messageOf } from "../api/client.ts"
import { firstUserQuery, meQuery } from "../api/queries.ts"
import { clearDrafts } from "../composer/drafts.ts"
import { notifyFailure } from "../ui/notify.ts"
import { leaveOnPurpose, sessionStarted } from "./session-end.ts"

/** Signs out and leads to the sign-in page. */
export const useSignOut = () => {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => {
      leaveOnPurpose()
      return call("logout")
    },
    onSuccess: async () => {
      clearDrafts()
      // The sign-in page is for nobody who is signed in.
      queryClient.removeQueries({ queryKey: meQuery.queryKey })
      await navigate({ to: "/login" })
      // All that was the user's. What the sign-in page asks is under way by now, and would never be answered.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== firstUserQuery.queryKey[0] })
    },
    onError: (error) => {
      sessionStarted()
      return notifyFailure("You are still signed in", messageOf(error))
    },
  })
}
