import { execFile, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { type as systemName } from "node:os"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** The calls that the README shows, carried out as they stand there, by the programs that they name. */

// Pings show curl soon that nobody reads what it prints any more.
const server = useServerProcess({ TROUPE_PING_MS: "200" })

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const [, shown = ""] = /## The API in five calls\n+```sh\n([\s\S]*?)```/.exec(readme) ?? []

const missing = ["bash", "curl", "jq", "sed"].filter((program) => spawnSync(program, ["--version"]).error !== undefined)

const replaced = (text: string, from: string, to: string): string => {
  expect(text).toContain(from)
  return text.replace(from, to)
}

/** With this server for that of the README, and a stream that somebody reads until the turn is over. */
const script = () => {
  const ours = [
    ["http://127.0.0.1:7080", server.url],
    ["me@example.com", OWNER.email],
    ['"password": "..."', `"password": "${OWNER.password}"`],
    ["'Accept: text/event-stream'\n", `'Accept: text/event-stream' | sed -u '/"status":"waiting"/q'\n`],
  ].reduce((text, [from = "", to = ""]) => replaced(text, from, to), shown)
  const last = ours.slice(ours.indexOf("curl", ours.indexOf("# Say more")))
  return ["set -eu", ours, "echo", last, "echo", 'echo "CHAT $CHAT"'].join("\n")
}

it(
  "the API in five calls: a chat is made, watched and told more, and a repeat is not sent twice",
  { timeout: 90_000 },
  async ({ skip }) => {
    skip(missing.length > 0 && !process.env["CI"], `There is no ${missing.join(", ")} here.`)
    const { stdout } = await promisify(execFile)("bash", ["-c", script()], { timeout: 80_000 })
    const lines = stdout.split("\n").filter((line) => line !== "")
    const [first = "", repeat, chat = ""] = lines.slice(-3)
    expect(JSON.parse(first)).toMatchObject({ queued: false })
    expect(repeat).toBe(first)

    const events = lines.slice(0, -3)
    expect(events.some((line) => /^id: ./.test(line))).toBe(true)
    expect(events.filter((line) => line.startsWith("event: "))).toContain("event: message")
    expect(events.at(-1)).toContain('"status":"waiting"')
    expect(events.join("\n")).toContain(systemName())

    const client = await Client.signIn(server.url)
    const { messages } = await client.messages(chat.replace("CHAT ", ""))
    const asked = messages.filter(({ role }) => role === "user").map(({ content }) => content)
    expect(asked).toEqual([[{ type: "text", text: "/run date" }], [{ type: "text", text: "/run uname -a" }]])
  },
)
