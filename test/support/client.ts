import { Schema } from "effect"
import type { CreateChatRequest, Message } from "../../src/contract/chats.ts"
import { AttemptsResponse, Chat, MessagesResponse, SendMessageResponse } from "../../src/contract/chats.ts"
import { LoginResponse } from "../../src/contract/identity.ts"
import { Organization } from "../../src/contract/organizations.ts"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import { type ChatReader, openServerSentEvents, readWebSocket, webSocket } from "./chat-reader.ts"
import type { ScriptedProvider } from "./scripted-provider.ts"
import { OWNER } from "./server-process.ts"

/** A small client of the API. What the server answers is held against the contract. */

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, as JSON. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface StreamOptions {
  readonly cursor?: string
  /** More of the query, as it is. */
  readonly query?: Readonly<Record<string, string>>
}

/** The text of a message's text parts. */
export const textOf = (message: Message | undefined): string =>
  (message?.content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("")

export const textContent = (text: string) => [{ type: "text", text }]

export class Client {
  readonly #url: string
  readonly #token: string | undefined

  constructor(url: string, token?: string) {
    this.#url = url
    this.#token = token
  }

  /** Signs the owner in, or whoever is given. */
  static async signIn(url: string, { email, password }: { email: string; password: string } = OWNER): Promise<Client> {
    const { session_token } = await new Client(url).expect(LoginResponse, 201, "POST", "/users/login", {
      body: { email, password },
    })
    return new Client(url, session_token)
  }

  get authorization(): Readonly<Record<string, string>> {
    return this.#token === undefined ? {} : { "coder-session-token": this.#token }
  }

  async call(method: string, path: string, { body, raw, headers }: CallOptions = {}): Promise<Reply> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${this.#url}/api/v2${path}`, {
      method,
      headers: {
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...this.authorization,
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    })
    const text = await response.text()
    const parsed: unknown = text === "" ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, body: parsed }
  }

  async expect<A, I>(
    schema: Schema.Schema<A, I>,
    status: number,
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<A> {
    const reply = await this.call(method, path, options)
    if (reply.status !== status) {
      throw new Error(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`)
    }
    return Schema.decodeUnknownSync(schema)(reply.body)
  }

  async organizationId(): Promise<string> {
    const [organization] = await this.expect(Schema.Array(Organization), 200, "GET", "/organizations")
    if (organization === undefined) throw new Error("This user is in no organization")
    return organization.id
  }

  /** Sets the scripted provider up and makes its model the default one. */
  async addScriptedModel(provider: ScriptedProvider): Promise<ModelConfig> {
    const added = await this.expect(Provider, 201, "POST", "/chats/providers", {
      body: {
        provider: "openai-compat",
        display_name: "Scripted",
        base_url: `${provider.url}/v1`,
        api_key: provider.apiKey,
      },
    })
    return this.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
      body: { ai_provider_id: added.id, model: "scripted", context_limit: 100_000, is_default: true },
    })
  }

  async createChat(text: string, more: Partial<CreateChatRequest> = {}): Promise<Chat> {
    const body = { ...more, organization_id: await this.organizationId(), content: textContent(text) }
    return this.expect(Chat, 201, "POST", "/chats", { body })
  }

  chat(chatId: string): Promise<Chat> {
    return this.expect(Chat, 200, "GET", `/chats/${chatId}`)
  }

  messages(chatId: string): Promise<MessagesResponse> {
    return this.expect(MessagesResponse, 200, "GET", `/chats/${chatId}/messages`)
  }

  attempts(chatId: string): Promise<typeof AttemptsResponse.Type> {
    return this.expect(AttemptsResponse, 200, "GET", `/chats/${chatId}/attempts`)
  }

  send(chatId: string, text: string): Promise<SendMessageResponse> {
    return this.expect(SendMessageResponse, 200, "POST", `/chats/${chatId}/messages`, {
      body: { content: textContent(text) },
    })
  }

  interrupt(chatId: string): Promise<Chat> {
    return this.expect(Chat, 200, "POST", `/chats/${chatId}/interrupt`)
  }

  streamUrl(chatId: string, { cursor, query }: StreamOptions = {}): string {
    const search = new URLSearchParams({ ...(cursor === undefined ? {} : { cursor }), ...query })
    return `${this.#url}/api/v2/chats/${chatId}/stream?${search}`
  }

  /** Opens the WebSocket stream of a chat; rejects when it is refused. */
  stream(chatId: string, options: StreamOptions = {}): Promise<ChatReader> {
    return readWebSocket(webSocket(this.streamUrl(chatId, options), this.authorization))
  }

  /** The same as server-sent events; a cursor goes as `Last-Event-ID`, as a browser does it. */
  serverSentEvents(chatId: string, { cursor, query = {} }: StreamOptions = {}): Promise<ChatReader> {
    return openServerSentEvents(this.streamUrl(chatId, { query }), {
      ...this.authorization,
      ...(cursor === undefined ? {} : { "last-event-id": cursor }),
    })
  }
}
