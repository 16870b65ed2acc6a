import { useMutation } from "@tanstack/react-query"
import { call, hasStatus, messageOf } from "../api/client.ts"

/** Something that is done to a chat from its card. */
export type CardAct =
  | { readonly do: "stop" | "retry" | "carry out" }
  | { readonly do: "steer"; readonly text: string }
  | { readonly do: "answer"; readonly callId: string; readonly text: string }

const FAILED: Readonly<Record<CardAct["do"], string>> = {
  stop: "Not stopped",
  retry: "Not tried again",
  "carry out": "Not carried out",
  steer: "Not sent",
  answer: "Not answered",
}

const textContent = (text: string) => [{ type: "text", text }]

const carryOut = (chat: string, act: CardAct): Promise<unknown> => {
  const path = { chat }
  switch (act.do) {
    case "stop":
      return call("interruptChat", { path, body: {} })
    case "retry":
      return call("retryTurn", { path, body: {} })
    case "carry out":
      return call("sendMessage", { path, body: { content: textContent("Carry the plan out."), plan_mode: "" } })
    case "steer":
      return call("sendMessage", { path, body: { content: textContent(act.text), busy_behavior: "steer" } })
    case "answer":
      return call("submitToolResults", { path, body: { results: [{ tool_call_id: act.callId, output: act.text }] } })
  }
}

/** Why it was not done, in a sentence. */
export const refusalOf = (act: CardAct, error: unknown): string => {
  if (hasStatus(error, 404)) return `${FAILED[act.do]}: this chat is not here any more.`
  return `${FAILED[act.do]}: ${messageOf(error)}`
}

/** What is asked of a chat from its card is done at once or not at all: without a network nothing is kept for later. */
export const useCardAct = (chatId: string, onDone: (act: CardAct) => void) => {
  const { error, isPending, mutate, variables } = useMutation({
    networkMode: "always",
    mutationFn: (act: CardAct) => carryOut(chatId, act),
    onSuccess: (_, act) => onDone(act),
  })
  return {
    act: (act: CardAct) => {
      if (!isPending) mutate(act)
    },
    busy: isPending ? variables.do : undefined,
    refusal: error === null || variables === undefined ? undefined : refusalOf(variables, error),
  }
}
