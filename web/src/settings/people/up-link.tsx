import { Link } from "@tanstack/react-router"
import { ChevronLeft } from "lucide-react"
import { buttonClass } from "../../ui/button.tsx"

interface UpLinkProps {
  readonly to: "/settings/users" | "/settings/service-accounts" | "/settings/groups" | "/settings/organizations"
  readonly children: string
}

/** From one of a list back to all of it. */
export const UpLink = ({ to, children }: UpLinkProps) => (
  <Link to={to} className={buttonClass("quiet")}>
    <ChevronLeft aria-hidden className="size-4" />
    {children}
  </Link>
)
