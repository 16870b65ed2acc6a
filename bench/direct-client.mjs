import { promptOf } from "./scripted-text.mjs"

/** The yardstick: the client talks to the provider itself, with no server between. The shape is that of `troupeClient`. */
export function directClient(providerUrl) {
  return {
    name: "direct",
    open: async (tag) => ({ tag, close: () => {} }),
    async prompt(chat, model, onDelta) {
      const response = await fetch(`${providerUrl}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: promptOf(chat.tag) }] }),
      })
      if (!response.ok) throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
      let answer = ""
      for await (const data of serverSentData(response.body)) {
        if (data === "[DONE]") return answer
        const text = JSON.parse(data).choices[0]?.delta.content
        if (!text) continue
        answer += text
        onDelta(text)
      }
      throw new Error("the stream ended before [DONE]")
    },
  }
}

async function* serverSentData(body) {
  const decoder = new TextDecoder()
  let rest = ""
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    let end
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const event = rest.slice(0, end)
      rest = rest.slice(end + 2)
      if (event.startsWith("data: ")) yield event.slice("data: ".length)
    }
  }
}
