import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { createServer as createTlsServer } from "node:tls"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import { Client, textOf } from "../support/client.ts"
import { type ForwardProxy, startForwardProxy } from "../support/forward-proxy.ts"
import { makeOwnCertificates } from "../support/own-certificates.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** The host of a company: providers are reached through a proxy, with certificates of its own authority. */

const HOST = "llm.corp.example"
const folder = mkdtempSync(path.join(tmpdir(), "troupe-certificates-"))
const certificates = makeOwnCertificates(folder, HOST)

const provider = await ScriptedProvider.start()
const plainPort = (): number => Number(new URL(provider.url).port)

/** The provider with TLS in front of it. */
const tls = createTlsServer({ key: certificates.key, cert: certificates.cert }, (socket) => {
  const onward = connect(plainPort(), "127.0.0.1")
  for (const end of [socket, onward]) end.on("error", () => end.destroy())
  socket.pipe(onward).pipe(socket)
})
await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve))
const tlsPort = (): number => {
  const address = tls.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

const plainProxy: ForwardProxy = await startForwardProxy({ [HOST]: plainPort })
const tlsProxy: ForwardProxy = await startForwardProxy({ [HOST]: tlsPort })

const server = useServerProcess({
  TROUPE_RETRY_CAP_MS: "50",
  HTTP_PROXY: plainProxy.url,
  https_proxy: tlsProxy.url,
  NODE_EXTRA_CA_CERTS: certificates.authorityFile,
})
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
})
afterEach(() => {
  for (const proxy of [plainProxy, tlsProxy]) proxy.asked.length = 0
})
afterAll(async () => {
  await Promise.all([plainProxy.close(), tlsProxy.close(), provider.close()])
  tls.close()
  rmSync(folder, { recursive: true })
})

/** What a chat with a new provider at this address is answered. */
const answerOf = async (baseUrl: string): Promise<string> => {
  const body = { provider: "openai-compat", display_name: baseUrl, base_url: baseUrl, api_key: provider.apiKey }
  const { id } = await client.expect(Provider, 201, "POST", "/chats/providers", { body })
  await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
    body: { ai_provider_id: id, model: "scripted", context_limit: 100_000, is_default: true },
  })
  provider.script({ items: [{ text: `by way of ${baseUrl}` }] })
  const chat = await client.createChat("Hello")
  const reader = await client.stream(chat.id)
  await reader.untilAnswered(2)
  await reader.close()
  return textOf(reader.lastMessage)
}

it("http goes through HTTP_PROXY, to a host that only the proxy knows", async () => {
  expect(await answerOf(`http://${HOST}/v1`)).toBe(`by way of http://${HOST}/v1`)
  expect(plainProxy.asked).toEqual([`POST http://${HOST}/v1/chat/completions`])
  expect(tlsProxy.asked).toEqual([])
})

it("https goes through a tunnel, with a certificate of the company's own authority", async () => {
  expect(await answerOf(`https://${HOST}/v1`)).toBe(`by way of https://${HOST}/v1`)
  expect(tlsProxy.asked).toEqual([`CONNECT ${HOST}:443`])
  expect(plainProxy.asked).toEqual([])
})

it("this machine is reached straight, under any of its names", async () => {
  for (const host of ["localhost", "127.1"]) {
    const baseUrl = `http://${host}:${plainPort()}/v1`
    expect(await answerOf(baseUrl)).toBe(`by way of ${baseUrl}`)
  }
  expect([...plainProxy.asked, ...tlsProxy.asked]).toEqual([])
})
