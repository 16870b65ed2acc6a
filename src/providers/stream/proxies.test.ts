import { hostname, networkInterfaces } from "node:os"
import { expect, test } from "vitest"
import { proxyFor } from "./proxies.ts"

const HTTP = "http://proxy.corp:3128"
const HTTPS = "http://tls-proxy.corp:3128"
const both = { HTTP_PROXY: HTTP, HTTPS_PROXY: HTTPS }

test.each([
  ["http", "http://llm.example/v1", both, HTTP],
  ["https", "https://llm.example/v1", both, HTTPS],
  ["small letters", "https://llm.example", { https_proxy: HTTPS }, HTTPS],
  ["small letters first", "https://llm.example", { https_proxy: HTTPS, HTTPS_PROXY: HTTP }, HTTPS],
  ["small letters that say none", "https://llm.example", { https_proxy: "", HTTPS_PROXY: HTTP }, undefined],
  ["no scheme", "https://llm.example", { HTTPS_PROXY: "proxy.corp:3128" }, "http://proxy.corp:3128"],
  ["only the one of the other scheme", "https://llm.example", { HTTP_PROXY: HTTP }, undefined],
  ["none", "https://llm.example", {}, undefined],
])("the proxy of the environment: %s", (_name, url, env, expected) => {
  expect(proxyFor(new URL(url), env)?.url).toBe(expected)
})

test.each([
  ["*", "https://llm.example"],
  ["llm.example", "https://llm.example"],
  ["LLM.Example", "https://llm.example."],
  ["other.example, llm.example", "https://llm.example"],
  ["other.example llm.example", "https://llm.example"],
  [".corp.example", "https://llm.corp.example"],
  ["*.corp.example", "https://llm.corp.example"],
  ["corp.example", "https://llm.corp.example"],
  [".corp.example", "https://corp.example"],
  ["llm.example:8443", "https://llm.example:8443"],
  ["llm.example:443", "https://llm.example"],
  ["10.1.2.3", "http://10.1.2.3:8000"],
  ["10.1.2.3:8000", "http://10.1.2.3:8000"],
  ["10.0.0.0/8", "http://10.1.2.3"],
  ["fd00::/8", "http://[fd12::1]"],
  ["fd12::1", "http://[fd12::1]:8000"],
  ["[fd12::1]:8000", "http://[fd12::1]:8000"],
])("NO_PROXY=%s lets %s go straight", (list, url) => {
  expect(proxyFor(new URL(url), { ...both, NO_PROXY: list })).toBeUndefined()
  expect(proxyFor(new URL(url), { ...both, no_proxy: list })).toBeUndefined()
})

test.each([
  ["", "https://llm.example"],
  ["corp.example", "https://evilcorp.example"],
  ["llm.example:8443", "https://llm.example"],
  ["10.0.0.0/8", "http://11.1.2.3"],
  ["10.0.0.0/99", "http://10.1.2.3"],
  ["example/8", "https://llm.example"],
  ["0.1.2.3", "http://10.1.2.3"],
])("NO_PROXY=%s says nothing of %s", (list, url) => {
  expect(proxyFor(new URL(url), { ...both, NO_PROXY: list })).toBeDefined()
})

test.each([
  "http://localhost:8080",
  "http://LOCALHOST.",
  "http://model.localhost",
  "http://localhost.localdomain",
  "http://127.0.0.1",
  "http://127.9.9.9",
  "http://127.1",
  "http://2130706433",
  "http://0x7f.1",
  "http://[::1]:9",
  "http://[0:0:0:0:0:0:0:1]",
  "http://[::ffff:127.0.0.1]",
  "http://0.0.0.0:8000",
  "http://[::]",
])("%s is this machine, and never behind a proxy", (url) => {
  expect(proxyFor(new URL(url), both)).toBeUndefined()
})

test("whatever address the server listens on, and its name, are this machine as well", () => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  expect(addresses).not.toEqual([])
  const hosts = addresses.flatMap(({ address, family, scopeid }) =>
    family === "IPv4" ? [address] : scopeid === 0 || scopeid === undefined ? [`[${address}]`] : [],
  )
  for (const host of [...hosts, hostname(), hostname().toUpperCase()]) {
    expect([host, proxyFor(new URL(`http://${host}:7080/simulator/v1`), both)]).toEqual([host, undefined])
  }
})

test.each(["http://localhost.example", "http://notlocalhost", "http://128.0.0.1"])("%s is another machine", (url) => {
  expect(proxyFor(new URL(url), both)?.url).toBe(HTTP)
})
