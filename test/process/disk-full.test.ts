import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Client, textOf } from "../support/client.ts"
import { eventually } from "../support/eventually.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, ServerRun } from "../support/server-process.ts"

/** The disk of the embedded database is full: a small file system of its own, in a mount namespace of the server's. */

const DISK_MB = 320

const mountWorks = (): boolean => {
  try {
    execFileSync("unshare", ["-m", "--propagation", "private", "sh", "-c", `mount -t tmpfs none ${tmpdir()}`], {
      stdio: "ignore",
    })
    return true
  } catch {
    return false
  }
}

const possible = mountWorks()
if (!possible && process.env["CI"] === "true") throw new Error("A file system can be mounted where CI runs")

const provider = await ScriptedProvider.start()
let base = ""
let run: ServerRun
let url = ""
let client: Client

/** Seen from outside of the server's namespace. */
const inside = (name: string) => path.join(`/proc/${run.pid}/root`, base, name)

/** Leaves no byte for anybody. */
const fill = async () => {
  const file = inside("ballast")
  for (const chunk of [4 * 1024 * 1024, 64 * 1024, 4096]) {
    for (;;) {
      const { bavail, bsize } = await statfs(inside("."))
      if (bavail * bsize < chunk) break
      await writeFile(file, Buffer.alloc(chunk), { flag: "a" }).catch(() => undefined)
    }
  }
}

const health = async () => {
  const response = await fetch(`${url}/healthz`)
  return { status: response.status, body: await response.json() }
}

beforeAll(async () => {
  if (!possible) return
  base = await mkdtemp(path.join(tmpdir(), "troupe-full-"))
  run = new ServerRun(
    {
      TROUPE_DATA_DIR: path.join(base, "data"),
      TROUPE_FIRST_USER_EMAIL: OWNER.email,
      TROUPE_FIRST_USER_USERNAME: OWNER.username,
      TROUPE_FIRST_USER_PASSWORD: OWNER.password,
    },
    ["unshare", "-m", "--propagation", "private", "sh", "-c"].concat(
      `mount -t tmpfs -o size=${DISK_MB}m troupe-full "${base}" && exec "$@"`,
      "sh",
    ),
  )
  url = await run.ready()
  client = await Client.signIn(url)
  await client.addScriptedModel(provider)
}, 60_000)
afterAll(async () => {
  if (possible) {
    await run.end("SIGTERM")
    await rm(base, { recursive: true, force: true })
  }
  await provider.close()
})

it.skipIf(!possible)(
  "a full disk is told as one, nothing is asked twice, and all goes on by itself once there is room",
  { timeout: 120_000 },
  async () => {
    expect(await health()).toEqual({ status: 200, body: { message: "ok", disk: "ok" } })
    const gate = openGate()
    const words = "word ".repeat(40_000)
    provider.script({ items: [{ text: "Begin. " }, { gate: gate.wait }, { text: words }] })
    const { id } = await client.createChat("Tell me much")
    const reader = await client.stream(id)
    await reader.until((seen) => seen.text === "Begin. ")
    const asked = provider.requests.length

    await fill()
    gate.open()
    await reader.until((seen) => seen.retry !== undefined)
    expect(reader.retry?.error).toMatch(/^The server's disk is full\./)
    expect(await health()).toEqual({ status: 200, body: { message: "ok", disk: "full" } })

    // What is small may still find room in a page that is there; reads go on.
    const incompressible = randomBytes(130_000).toString("base64")
    const full = { message: "The server's disk is full. Try again in a moment." }
    const organization_id = await client.organizationId()
    const create = () =>
      client.call("POST", "/chats", {
        body: { organization_id, content: [{ type: "text", text: incompressible }] },
      })
    const created = await create()
    expect([created.status, created.body, created.headers.get("retry-after")]).toEqual([503, full, "10"])
    const began = performance.now()
    const sent = await client.call("POST", `/chats/${id}/messages`, {
      body: { content: [{ type: "text", text: "hm?" }] },
    })
    expect([sent.status, sent.body, sent.headers.get("retry-after")]).toEqual([503, full, "10"])
    expect(performance.now() - began).toBeLessThan(5_000)
    expect((await client.call("GET", `/chats/${id}`)).status).toBe(200)
    expect(run.stderr).toMatch(/The disk of the database at .+ is full/)

    await rm(inside("ballast"))
    await reader.untilAnswered(2)
    expect(textOf(reader.lastMessage)).toBe(`Begin. ${words}`)
    expect(provider.requests).toHaveLength(asked)
    provider.script({ items: [{ text: "Here." }] })
    await client.send(id, "and now?")
    await reader.untilAnswered(4)
    expect(textOf(reader.lastMessage)).toBe("Here.")
    await eventually(async () => (await health()).body, { message: "ok", disk: "ok" })
    await reader.close()
  },
)
