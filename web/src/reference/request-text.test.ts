import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { addressOf, curlText, fetchText, hiddenSecrets, type RequestParts } from "./request-text.ts"

const request: RequestParts = {
  method: "POST",
  address: "/api/v2/chats/x/messages",
  body: { content: [{ type: "text", text: "hello" }] },
  secrets: [],
  isOpen: false,
}

/** The words that a shell makes of a command, with these variables. */
const wordsOf = (command: string): ReadonlyArray<string> => {
  const variables = { TROUPE_URL: "http://here", TROUPE_TOKEN: "t o k", TROUPE_PASSWORD: `it's "5 $HOME` }
  const { stdout } = spawnSync("sh", ["-c", command.replace(/^curl/, `printf '%s\\0'`)], {
    encoding: "utf8",
    env: { ...variables, PATH: process.env["PATH"] },
  })
  return stdout.split("\0").slice(0, -1)
}

describe("the address of a request", () => {
  const target = {
    method: "GET",
    path: "/chats/{chat}/messages",
    parameters: [
      { name: "chat", in: "path" },
      { name: "limit", in: "query" },
      { name: "q", in: "query" },
      { name: "Idempotency-Key", in: "header" },
    ],
  } as const

  it("has what was given, encoded, and leaves out what is empty", () => {
    const given = { chat: "a/b?c", limit: "", q: 'title:"a & b"', "Idempotency-Key": "k" }
    expect(addressOf(target, given)).toBe("/chats/a%2Fb%3Fc/messages?q=title%3A%22a+%26+b%22")
    expect(addressOf(target, {})).toBe("/chats/{chat}/messages")
    expect(addressOf(target, { chat: ".." })).toBe("/chats/{chat}/messages")
  })
})

describe("the command of a request", () => {
  it("is what a shell makes a request of, whatever is said in it", () => {
    const text = 'it\'s `date` $(date) "$HOME" \\ \n!'
    const words = wordsOf(curlText({ ...request, body: { text } }))
    expect(words.slice(0, 3)).toEqual(["-X", "POST", "http://here/api/v2/chats/x/messages"])
    expect(words).toContain("Coder-Session-Token: t o k")
    expect(JSON.parse(words.at(-1) ?? "")).toEqual({ text })
  })

  it("keeps an address together in which a shell would read something", () => {
    const [url] = wordsOf(curlText({ ...request, method: "GET", body: undefined, address: "/a?q=`b`$(c) 'd'" }))
    expect(url).toBe("http://here/a?q=`b`$(c) 'd'")
  })

  it("has a variable in the place of a secret, and none of the token where nobody signs in", () => {
    const login = { ...request, isOpen: true, secrets: ["password"], body: { email: "a@b.c", password: "hunter2" } }
    const command = curlText(login)
    expect(command).not.toMatch(/hunter2|TROUPE_TOKEN/)
    expect(JSON.parse((wordsOf(command).at(-1) ?? "").replace(`it's "5 $HOME`, "x"))).toEqual({
      email: "a@b.c",
      password: "x",
    })
    const script = fetchText(login)
    expect(script).not.toContain("hunter2")
    expect(script).toContain(`"password": process.env.TROUPE_PASSWORD`)
  })

  it("keeps a secret out however deep it lies", () => {
    const deep = {
      ...request,
      secrets: ["api_key"],
      body: { list: [{ api_key: "sk-live" }, { api_key: { a: "sk-live" } }] },
    }
    expect(curlText(deep) + fetchText(deep)).not.toContain("sk-live")
    expect(hiddenSecrets(deep.body, deep.secrets)).not.toContain("sk-live")
  })

  it("says the Idempotency-Key where one is given", () => {
    expect(wordsOf(curlText({ ...request, idempotencyKey: "a'b" }))).toContain("Idempotency-Key: a'b")
    expect(curlText({ ...request, idempotencyKey: "" })).not.toContain("Idempotency-Key")
  })

  it("in JavaScript is a program", async () => {
    const script = fetchText({ ...request, idempotencyKey: "k" })
    let called: unknown
    const fetch = async (url: string, options: unknown) => {
      called = { url, options }
      return { status: 200, text: async () => "" }
    }
    // The text is a program for whoever copies it, so it is run as one.
    const run = new Function("fetch", "process", "console", `return (async () => { ${script} })()`) as (
      ...given: ReadonlyArray<unknown>
    ) => Promise<void>
    await run(fetch, { env: { TROUPE_URL: "http://here", TROUPE_TOKEN: "t" } }, { log: () => undefined })
    expect(called).toEqual({
      url: `http://here${request.address}`,
      options: {
        method: "POST",
        headers: { "Coder-Session-Token": "t", "Idempotency-Key": "k", "Content-Type": "application/json" },
        body: JSON.stringify(request.body),
      },
    })
  })
})
