import { Link } from "@tanstack/react-router"
import { CircleCheck } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import type { Administration } from "../../auth/administration.ts"
import { Button, buttonClass } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { CopyButton } from "../../ui/copy-button.tsx"
import type { CreatedAccount } from "./create-account.ts"
import { TokenDialog } from "./token-dialog.tsx"

interface CreatedNoticeProps {
  readonly created: CreatedAccount
  readonly may: Administration
  readonly onClose: () => void
}

const nextFor = ({ user }: CreatedAccount, may: Administration): string => {
  if (user.login_type === "password") {
    return `Hand over the password, and tell the person to sign in as ${user.email}. The account is dormant until then.`
  }
  return may.makesKeys
    ? "Make an API token for it, which is how it works."
    : "Ask an owner to make an API token for it, which is how it works."
}

/** That an account was made, and what comes next. */
export const CreatedNotice = ({ created, may, onClose }: CreatedNoticeProps) => {
  const [makesToken, setMakesToken] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  // The form that had the focus is gone.
  useEffect(() => place.current?.focus(), [])
  const { user, missing } = created
  const signIn = `${window.location.origin}/login`
  return (
    <div ref={place} tabIndex={-1} className="outline-none">
      <Callout
        tone={missing.length > 0 ? "warning" : "info"}
        role="status"
        title={`${user.is_service_account ? "Service account" : "User"} ${user.username} created`}
        {...(missing.length === 0 && { Icon: CircleCheck })}
        actions={
          <>
            {user.login_type === "none" && may.makesKeys && (
              <Button onClick={() => setMakesToken(true)}>Make an API token</Button>
            )}
            <Link to="/settings/users/$user" params={{ user: user.id }} className={buttonClass()}>
              Open {user.username}
            </Link>
            <Button look="quiet" onClick={onClose}>
              Close
            </Button>
          </>
        }
      >
        {missing.map((sentence) => (
          <p key={sentence} className="text-ink">
            {sentence}
          </p>
        ))}
        <p>{nextFor(created, may)}</p>
        {user.login_type === "password" && (
          <p className="mt-1 flex flex-wrap items-center gap-x-2">
            <code className="font-mono text-xs">{signIn}</code>
            <CopyButton label="Copy the address of the sign-in page" text={signIn} />
          </p>
        )}
        {makesToken && <TokenDialog user={user} onClose={() => setMakesToken(false)} />}
      </Callout>
    </div>
  )
}
