import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { call, messageOf } from "../api/client.ts"
import { notifyFailure } from "../ui/notify.ts"
import { showTheme, type Theme, whenThemeIsChosen } from "./theme.ts"

const me = { user: "me" }

const CHOICE = ["choose-theme"]

const appearanceQuery = queryOptions({
  queryKey: ["appearance"],
  queryFn: ({ signal }) => call("getUserAppearance", { path: me }, signal),
})

/** The theme follows the person: what is chosen is kept on the server, and what was chosen elsewhere is shown here. */
export const useOwnTheme = (): void => {
  const queryClient = useQueryClient()
  const { data } = useQuery(appearanceQuery)
  const chosen = data?.theme_preference ?? ""
  const { mutate } = useMutation({
    // One after the other, so that the last choice is the one that is kept.
    scope: { id: "theme" },
    mutationKey: CHOICE,
    mutationFn: (theme: Theme) =>
      call("setUserAppearance", { path: me, body: { theme_preference: theme === "system" ? "auto" : theme } }),
    // An answer that is under way knows only of what was before.
    onMutate: () => queryClient.cancelQueries(appearanceQuery),
    // While another choice waits, this one is not shown again.
    onSuccess: (kept) => {
      if (queryClient.isMutating({ mutationKey: CHOICE }) === 1)
        queryClient.setQueryData(appearanceQuery.queryKey, kept)
    },
    onError: (error) => notifyFailure("The theme is kept in this browser only", messageOf(error)),
  })
  useEffect(() => whenThemeIsChosen(mutate), [mutate])
  useEffect(() => {
    // Empty: never chosen.
    if (chosen !== "") showTheme(chosen === "auto" ? "system" : chosen)
  }, [chosen])
}
