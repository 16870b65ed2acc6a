import { createContext } from "react"

/** What is shown is how the chat once was: nothing in it goes on, and nothing in it can be stopped or changed. */
export const PastContext = createContext(false)
