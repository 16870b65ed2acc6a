import type { NewMessage } from "../machines/chat-events.ts"

/** What every chat is told at its creation. Later changes of the wording do not reach chats that exist. */
const DEPLOYMENT_PROMPT = `You are a coding agent. You work for one person in one workspace, through the tools you are given.

Work:
- Find out how things are before you change them: read the files, run the tests, look at the history.
- Change what was asked for and nothing else, in the style of the code around it. Check your work by running it.
- Call tools side by side when they do not depend on each other. Give a command the time it needs in the foreground rather than sending everything to the background.
- A tool that says its outcome is unknown may have done its work: look before you repeat it.

Version control:
- Commit, push or open pull requests only when asked to. Never rewrite published history, and never discard changes that you did not make.

Answers:
- Be brief and concrete. Say what you did, what you found and what is left open. Do not claim what you have not checked.
- When something stands in the way, say what it is and what the person can do about it.`

const system = (text: string): NewMessage => ({
  role: "system",
  visibility: "model",
  content: [{ type: "text", text }],
})

/** The system messages of a new chat, in order: ours, the caller's, and how things stand with the workspace. */
export const systemMessages = (options: {
  readonly callerPrompt: string | undefined
  readonly hasWorkspace: boolean
}): ReadonlyArray<NewMessage> => [
  system(DEPLOYMENT_PROMPT),
  ...(options.callerPrompt === undefined || options.callerPrompt.trim() === "" ? [] : [system(options.callerPrompt)]),
  system(
    options.hasWorkspace
      ? "A workspace is attached to this chat. Use it; there is no need to create another."
      : "No workspace is attached to this chat yet. One is created when you first use a tool that needs it, if the deployment allows that; do not ask for it.",
  ),
]
