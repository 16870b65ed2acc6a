import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { ApiReference, Route, Stream } from "./api-document.ts"
import { ListenPanel } from "./listen-panel.tsx"
import { ReferenceSection } from "./reference-section.tsx"
import { TextBlock } from "./text-block.tsx"
import { TryPanel } from "./try-panel.tsx"

/** In braces, so that a shell has read all of it before it asks for the first answer. */
const signIn = (origin: string): string => `export TROUPE_URL=${origin}
{ read -rp "Email: " TROUPE_EMAIL
  read -rsp "Password: " TROUPE_PASSWORD
  export TROUPE_TOKEN=$(curl -s "$TROUPE_URL/api/v2/users/login" \\
    -H "Content-Type: application/json" \\
    -d '{"email":"'"$TROUPE_EMAIL"'","password":"'"$TROUPE_PASSWORD"'"}' |
    sed 's/.*"session_token":"\\([^"]*\\)".*/\\1/')
}`

const linked = "text-accent underline underline-offset-4"

const To = ({ operation, children }: { readonly operation: string; readonly children: ReactNode }) => (
  <Link to="/docs/api/$operation" params={{ operation }} className={linked}>
    {children}
  </Link>
)

const Step = ({ children }: { readonly children: ReactNode }) => <p className="leading-6 text-ink-soft">{children}</p>

interface StepsProps {
  readonly reference: ApiReference
}

const route = (reference: ApiReference, name: string): Route | undefined => {
  const found = reference.operations.get(name)
  return found?.kind === "route" ? found : undefined
}

const stream = (reference: ApiReference, name: string): Stream | undefined => {
  const found = reference.operations.get(name)
  return found?.kind === "stream" ? found : undefined
}

/** From nothing to a chat that was followed and approved, in four steps. */
export const StartPage = ({ reference }: StepsProps) => {
  const create = route(reference, "createChat")
  const follow = stream(reference, "followChat")
  const decide = route(reference, "decideApprovals")
  return (
    <>
      <Step>
        Everything that these pages do is done over this API, with JSON over HTTP. The examples here run as they stand:
        on this page as you, and from a shell with a token.
      </Step>
      <ReferenceSection title="1. Get a token">
        <Step>
          A program signs in as you do: <To operation="login">POST /users/login</To> answers with a token, which goes
          with every call as the header <code className="font-mono text-xs">Coder-Session-Token</code>. It lives for 24
          hours from its last use. There are no longer-lived tokens yet, and so no page that makes them;{" "}
          <To operation="logout">signing out</To> ends one. A quote or a backslash in a password is written with a
          backslash before it.
        </Step>
        <TextBlock label="In bash" text={signIn(location.origin)} />
      </ReferenceSection>
      {create !== undefined && (
        <ReferenceSection title="2. Create a chat">
          <Step>
            The first message goes with it. The rule in this example lets the chat ask before it runs a tool, so that
            there is something to approve in step 4.
          </Step>
          <TryPanel route={create} reference={reference} />
        </ReferenceSection>
      )}
      {follow !== undefined && (
        <ReferenceSection title="3. Follow it">
          <Step>
            The stream begins with how things are, and goes on with what happens.{" "}
            <To operation="status">What status means</To> is a machine that you can look at.
          </Step>
          <ListenPanel stream={follow} reference={reference} />
        </ReferenceSection>
      )}
      {decide !== undefined && (
        <ReferenceSection title="4. Approve what it asks">
          <Step>
            While a chat waits for you, its status is <code className="font-mono text-xs">requires_action</code>, and{" "}
            <To operation="listApprovals">its approvals</To> say which calls and why.
          </Step>
          <TryPanel route={decide} reference={reference} />
        </ReferenceSection>
      )}
      <ReferenceSection title="For machines">
        <Step>
          The same as documents, for generators and agents:{" "}
          <a href="/api/v2/openapi.json" className={linked}>
            openapi.json
          </a>{" "}
          (OpenAPI 3.1) and{" "}
          <a href="/api/v2/asyncapi.json" className={linked}>
            asyncapi.json
          </a>{" "}
          (AsyncAPI 3.0). Neither needs a token, nor does{" "}
          <a href="/healthz" className={linked}>
            /healthz
          </a>
          , which answers 200 once the server serves. A changing call with an Idempotency-Key is carried out once,
          however often it is repeated.
        </Step>
      </ReferenceSection>
    </>
  )
}
