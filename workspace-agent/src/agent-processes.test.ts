import { randomUUID } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { callHeaders, chatHeaders, useServedAgent } from "../../test/support/served-agent.ts"

/** Long enough to mean "never" on a busy machine. */
const soon = { timeout: 20_000 }
const { ask, cancel, follow, home, output, start, write } = useServedAgent()

describe("processes", () => {
  it("run with their output in order, an unattended environment and their exit code", async () => {
    const id = randomUUID()
    const command = 'echo out; echo err >&2; echo out2; echo "$CODER_CHAT_ID $PAGER $TERM $HOME"; pwd; exit 3'
    expect(await start(callHeaders("chat", id), command)).toMatchObject({ status: 200, body: { id, started: true } })
    expect((await output("chat", id, 10_000)).body).toEqual({
      output: `out\nerr\nout2\nchat cat dumb ${home()}\n${home()}\n`,
      running: false,
      exit_code: 3,
    })
  })

  it("report death by a signal as a shell does", async () => {
    const id = randomUUID()
    await start(callHeaders("chat", id), "kill -KILL $$")
    expect((await output("chat", id, 10_000)).body).toMatchObject({ exit_code: 137 })
  })

  it("start once per identity, joined by repeats while they come at once", async () => {
    const id = randomUUID()
    const once = () => start(callHeaders("chat", id), "echo x >> started.txt; sleep 0.2; echo done")
    const answers = await Promise.all([once(), once(), once()])
    expect(answers.map((answer) => answer.body)).toEqual(answers.map(() => ({ id, started: true })))
    const later = await start(callHeaders("chat", id, 50), "echo x >> started.txt; sleep 0.2; echo done")
    expect(Number(later.headers["coder-tool-call-run-age-ms"])).toBeGreaterThanOrEqual(0)
    expect((await output("chat", id, 10_000)).body).toMatchObject({ output: "done\n", exit_code: 0 })
    expect(await readFile(path.join(home(), "started.txt"), "utf8")).toBe("x\n")
  })

  it("do not start for a call made before the agent started, one with other input, or a canceled one", async () => {
    const id = randomUUID()
    expect(await start(callHeaders("chat", id, 86_400_000), "touch never")).toMatchObject({
      status: 409,
      body: { code: "agent_started_after_tool_call" },
    })
    await start(callHeaders("chat", id), "true")
    expect(await start(callHeaders("chat", id), "touch never")).toMatchObject({ body: { code: "input_mismatch" } })
    const canceled = callHeaders("chat", randomUUID())
    expect((await cancel(canceled)).body).toEqual({
      had_started: false,
    })
    expect(await start(canceled, "touch never")).toMatchObject({ status: 409, body: { code: "tool_call_canceled" } })
    await expect(stat(path.join(home(), "never"))).rejects.toMatchObject({ code: "ENOENT" })
  })

  it("are ended by canceling their call, children and those deaf to TERM included", async () => {
    const headers = callHeaders("chat", randomUUID())
    await start(headers, `trap '' TERM; (trap '' TERM; while :; do sleep 0.05; done) & echo $! > child.pid; wait`)
    await expect.poll(() => readFile(path.join(home(), "child.pid"), "utf8").catch(() => ""), soon).toMatch(/\d+\n/)
    const child = Number(await readFile(path.join(home(), "child.pid"), "utf8"))
    expect((await cancel(headers)).body).toEqual({ had_started: true })
    expect((await output("chat", headers["Coder-Tool-Call-Id"], 0)).body).toMatchObject({
      running: false,
      exit_code: 137,
    })
    await expect.poll(() => readFile(`/proc/${child}/stat`, "utf8").catch(() => "gone"), soon).toMatch(/gone|\) Z /)
  })

  it("print gigabytes into constant memory", async () => {
    const id = randomUUID()
    await start(callHeaders("chat", id), "yes 'a line of output' | head -c 1500000000; echo; echo end")
    const before = process.memoryUsage().rss
    const { body } = await output("chat", id, 60_000)
    expect(body).toMatchObject({ running: false, exit_code: 0, truncated: { original_bytes: 1_500_000_005 } })
    expect(JSON.stringify(body).length).toBeLessThan(40_000)
    expect(JSON.stringify(body)).toContain("\\nend\\n")
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  }, 60_000)

  it("go on when the reader goes away, and give the next one everything", async () => {
    const id = randomUUID()
    await start(callHeaders("chat", id), "echo first; while [ ! -e go ]; do sleep 0.02; done; echo second")
    const reader = new AbortController()
    const cut = output("chat", id, 60_000, reader.signal)
    reader.abort()
    await expect(cut).rejects.toThrow("aborted")
    expect((await output("chat", id, 0)).body).toMatchObject({ running: true, exit_code: null })
    await write("go", "")
    expect((await output("chat", id, 10_000)).body).toMatchObject({ output: "first\nsecond\n", running: false })
  })

  it("end when the command does, though a grandchild holds the output open", async () => {
    const id = randomUUID()
    const headers = callHeaders("chat", id)
    await start(headers, "sleep 300 & echo done")
    expect((await output("chat", id, 20_000)).body).toMatchObject({ output: "done\n", running: false, exit_code: 0 })
    await cancel(headers)
  })

  it("are followed while they run: as soon as there is more, and at the end", async () => {
    const id = randomUUID()
    await start(
      callHeaders("chat", id),
      "printf one; while [ ! -e further ]; do sleep 0.02; done; printf two; sleep 300",
    )
    expect((await follow("chat", id, 0, 20_000)).body).toEqual({ from: 0, next: 3, text: "one", running: true })
    expect((await follow("chat", id, 3, 10)).body).toEqual({ from: 3, next: 3, text: "", running: true })
    expect((await follow("other", id, 0, 0)).status).toBe(404)
    const more = follow("chat", id, 3, 60_000)
    await write("further", "")
    expect((await more).body).toEqual({ from: 3, next: 6, text: "two", running: true })
    const ending = follow("chat", id, 6, 60_000)
    await cancel(callHeaders("chat", id))
    expect((await ending).body).toEqual({ from: 6, next: 6, text: "", running: false })
  })

  it("are followed to any length, by whoever comes late", async () => {
    const id = randomUUID()
    await start(callHeaders("chat", id), "yes 'a line' | head -c 1500000000; printf end; sleep 300")
    await expect
      .poll(async () => (await follow("chat", id, 0, 1000)).body, { ...soon, timeout: 60_000 })
      .toMatchObject({ from: 1_500_000_003 - 32 * 1024, next: 1_500_000_003, running: true })
    expect((await follow("chat", id, 1_500_000_000, 1000)).body).toMatchObject({ text: "end" })
    await cancel(callHeaders("chat", id))
  }, 90_000)

  it("are seen by their own chat only", async () => {
    const id = randomUUID()
    await start(callHeaders("mine", id), "sleep 300", { background: true })
    expect((await output("other", id, 0)).status).toBe(404)
    const signal = (chatId: string, name: string) =>
      ask("POST", `/processes/${id}/signal`, {
        headers: chatHeaders(chatId),
        body: JSON.stringify({ signal: name }),
      })
    expect((await signal("other", "kill")).status).toBe(404)
    expect((await signal("mine", "hup")).status).toBe(400)
    const { body } = await ask("GET", "/processes/list", { headers: chatHeaders("mine") })
    expect(body).toMatchObject({
      processes: [{ id, command: "sleep 300", workdir: home(), background: true, running: true, exit_code: null }],
    })
    expect((await ask("GET", "/processes/list", { headers: chatHeaders("other") })).body).toEqual({
      processes: [],
    })
    expect((await signal("mine", "terminate")).status).toBe(200)
    expect((await output("mine", id, 10_000)).body).toMatchObject({ running: false, exit_code: 143 })
    expect((await signal("mine", "terminate")).status).toBe(409)
  })

  it("are limited in number, and need a folder and a command", async () => {
    const chat = "limit"
    const ids = Array.from({ length: 8 }, () => randomUUID())
    for (const id of ids) expect((await start(callHeaders(chat, id), "sleep 300")).status).toBe(200)
    expect((await start(callHeaders(chat, randomUUID()), "true")).status).toBe(429)
    for (const id of ids) await cancel(callHeaders(chat, id))
    expect((await start(callHeaders(chat, randomUUID()), "true", { workdir: "nowhere" })).status).toBe(404)
    expect((await start(callHeaders(chat, randomUUID()), " ")).status).toBe(400)
    expect((await start(callHeaders(chat, "not-a-uuid"), "true")).status).toBe(400)
  })
})
