import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { meQuery } from "../api/queries.ts"
import { isOwner } from "../auth/roles.ts"
import { Callout } from "../ui/callout.tsx"

/** Shown in place of a model: nothing can be sent until there is one. */
export const NoModels = () => {
  const { data: me } = useQuery(meQuery)
  return (
    <Callout tone="info" title="No model is set up yet">
      {me !== undefined && isOwner(me) ? (
        <>
          Chats need a model to talk to.{" "}
          <Link to="/settings/models" className="font-medium text-accent underline underline-offset-2">
            Add a provider and a model
          </Link>
          .
        </>
      ) : (
        "Ask an administrator of this deployment to add one."
      )}
    </Callout>
  )
}
