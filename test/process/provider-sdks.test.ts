import { afterAll, beforeAll, expect, it } from "vitest"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import { Client } from "../support/client.ts"
import { DIALECTS } from "../support/dialects.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** Each SDK is loaded from the built server, at the first call of a chat. */

const provider = await ScriptedProvider.start()
/** The server's own AWS credentials: the id of the key is what the scripted provider knows. */
const server = useServerProcess({
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: provider.apiKey,
  AWS_SECRET_ACCESS_KEY: "secret",
})
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
})
afterAll(() => provider.close())

const KEYLESS = DIALECTS.filter(({ type }) => type === "bedrock").map((dialect) => ({
  ...dialect,
  name: "bedrock, signed with the server's credentials",
  keyless: true,
}))

it.each([...DIALECTS.map((dialect) => ({ ...dialect, keyless: false })), ...KEYLESS])(
  "a chat is answered over $name",
  async ({ base, config, keyless, model, name, type }) => {
    const added = await client.expect(Provider, 201, "POST", "/chats/providers", {
      body: {
        provider: type,
        display_name: name,
        base_url: `${provider.url}${base}`,
        ...(keyless ? {} : { api_key: provider.apiKey }),
      },
    })
    const { id } = await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
      body: { ai_provider_id: added.id, model, context_limit: 100_000, ...(config && { model_config: config }) },
    })
    // The title of a chat may be asked for as well.
    provider.script({ items: [{ text: `Answered over ${name}.` }], repeat: true })
    const chat = await client.createChat("hi", { model_config_id: id })
    const reader = await client.stream(chat.id)
    await reader.until(({ activity, messages }) => activity === "waiting" && messages.size > 1)
    const said = [...reader.messages.values()].flatMap(({ content, role }) => (role === "assistant" ? content : []))
    expect(said).toMatchObject([{ type: "text", text: `Answered over ${name}.` }])
    provider.reset()
  },
)
