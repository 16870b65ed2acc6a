import { createContext, use } from "react"

/**
 * On the page of a chat of somebody else: the name of who owns it. What lies behind the conversation is not asked for there, and
 * nothing is offered that only its owner does.
 */
export const HostContext = createContext<string | undefined>(undefined)

export const useHost = (): string | undefined => use(HostContext)
