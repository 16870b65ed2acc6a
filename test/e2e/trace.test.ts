import { SqlClient, type Statement } from "@effect/sql"
import { Effect, Layer } from "effect"
import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import {
  LOST_SERVER,
  axeFaults,
  composerOf,
  conversationOf,
  expectText,
  signIn,
  useBrowser,
} from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person who wants to know what a chat did, when, and why: beside the chat, and on the page of its own. */

/** Versions and chats that are asked for and are not there. */
const NOT_THERE = /status of 40[04] .*\/api\/v2\/chats\//

const server = useServerProcess()
const provider = await ScriptedProvider.start()
const browser = useBrowser(LOST_SERVER, NOT_THERE)
let page: Page
let client: Client
const run = (command: string) => ({ tool: "execute", args: { command } })
const untilIn = async (chatId: string, status: string) => {
  await expect.poll(async () => (await client.chat(chatId)).status, { timeout: 12_000 }).toBe(status)
}

let made: Promise<string> | undefined

/** A chat of two turns: the first was tried again and ran tools, the second failed. */
const failedChat = (): Promise<string> =>
  (made ??= (async () => {
    provider.script(
      { items: [{ text: "I look at the tests." }, { calls: [run("echo one"), run("sleep 1 && echo two")] }] },
      { status: 429, headers: { "retry-after": "1" } },
      { items: [{ text: "All tests pa" }, { cut: "reset" }] },
      { items: [{ text: "All tests pass now." }] },
    )
    const { id } = await client.createChat("Make the tests pass")
    await untilIn(id, "waiting")
    provider.script({ status: 401, message: "Incorrect API key provided." })
    await client.send(id, "Now the changelog")
    await untilIn(id, "error")
    return id
  })())

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: scripted" }).waitFor()
})
afterAll(async () => {
  await page.context().close()
  await provider.close()
})
afterEach(() => {
  const { left } = provider
  provider.reset()
  expect(left).toBe(0)
})

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Statement.Statement<Row>) =>
  server.database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))
const lastVersion = async (chatId: string) => {
  const rows = await query(
    (sql) =>
      sql<{ version: number }>`select max(version)::int as version from chat_transitions where chat_id = ${chatId}`,
  )
  return rows[0]?.version ?? 0
}

const slider = (of = page) => of.getByRole("slider", { name: "Version" })
const pathOf = (of = page) => new URL(of.url()).pathname
const banner = (words: RegExp, of = page) => of.getByText(words)
const steps = (of = page) => of.getByRole("listbox", { name: /^Steps of/ })
const panel = () => page.getByRole("complementary", { name: "Trace" })
/** Everything that shows a version shows this one. */
const expectShown = async (version: number, of = page) => {
  const versions = () =>
    of.locator("[data-version]").evaluateAll((parts) => parts.map((part) => part.getAttribute("data-version")))
  await expect.poll(versions).toEqual([String(version)])
}

describe("the page of Trace", () => {
  it("is reached in two steps from a chat that failed, with what went wrong and when in view", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await page.getByRole("button", { name: "Trace", exact: true }).click()
    await panel().getByRole("link", { name: "Open Trace as a page" }).click()
    await slider().waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}/trace`)
    await banner(/^You see the chat as it is now, version 11\.$/).waitFor()
    await page.getByRole("button", { name: /^Failed, version 11, \d\d:\d\d:\d\d\.\d{3}$/ }).waitFor()
    await steps()
      .getByRole("option", { name: /^Step 1, .* failed, came to nothing, version 10$/ })
      .waitFor()
    await conversationOf(page).getByText("Now the changelog").waitFor()
    for (const part of [slider(), steps(), conversationOf(page)]) {
      const box = await part.boundingBox()
      expect((box?.y ?? 0) + Math.min(box?.height ?? 0, 40)).toBeLessThan(800)
    }
    await browser.picture(page, "trace-now")
    expect(await axeFaults(page)).toEqual([])
  })

  it("is gone through by keys: one version, many, to the ends, and back to now; the address goes along", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    await page.goto(`${server.url}/agents/${chat}/trace`)
    await expectShown(11)
    await slider().press("ArrowLeft")
    await expectShown(10)
    await banner(/^You see version 10 of 11, \d\d:\d\d:\d\d\.\d{3}\./).waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}@10`)
    await slider().press("Home")
    await expectShown(1)
    expect(await slider().getAttribute("aria-valuetext")).toMatch(
      /^Version 1 of 11, \d\d:\d\d:\d\d\.\d{3}, Writing the answer$/,
    )
    await expectText(conversationOf(page).getByRole("article"), "Make the tests pass")
    // From anywhere on the page.
    await page.getByRole("heading", { name: "Conversation" }).click()
    await page.keyboard.press("ArrowRight")
    await expectShown(2)
    await slider().press("PageDown")
    await expectShown(11)
    await slider().press("PageUp")
    await expectShown(1)
    await slider().press("End")
    await banner(/^You see the chat as it is now/).waitFor()
    await slider().press("ArrowLeft")
    await page.keyboard.press("Escape")
    await banner(/^You see the chat as it is now/).waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}/trace`)
    // The versions that were gone through are not places to go back to.
    await page.goBack()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}`)
  })

  it("opens at the version of its address, and is dragged, clicked and stepped to others", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}@4`)
    await expectShown(4)
    await banner(/^You see version 4 of 11/).waitFor()
    await steps()
      .getByRole("option", { name: /^Step 2, try 1, / })
      .waitFor()
    await steps()
      .getByRole("option", { name: /^Back off, 2\.0 s, version 7$/ })
      .click()
    await expectShown(7)
    await browser.picture(page, "trace-then")
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: /^Tried again, version 5/ }).click()
    await expectShown(5)
    const box = await slider().boundingBox()
    if (box === null) throw new Error("The axis is not in view")
    await page.mouse.move(box.x + box.width / 2, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + 1, box.y + 20, { steps: 5 })
    await expectShown(1)
    await page.mouse.move(box.x + box.width + 9, box.y + 20, { steps: 5 })
    await page.mouse.up()
    await banner(/^You see the chat as it is now/).waitFor()
    // The rows by keys: the list is one stop.
    await steps().focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await expectShown(10)
    await page.getByRole("button", { name: "All", exact: true }).click()
    const all = page.getByRole("listbox", { name: "Steps of the whole chat" })
    await all.press("Home")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expectShown(2)
    await conversationOf(page).getByText("2 calls without an answer yet").waitFor()
    await browser.picture(page, "trace-calls")
    await page.getByRole("button", { name: "Version after" }).click()
    await expectShown(3)
    await page.getByRole("button", { name: "Back to now" }).click()
    await expectShown(11)
  })

  it.each([
    ["abc", /“abc” is no version: they are the numbers from 1 to 11\. You see the chat as it is now\./],
    ["0", /“0” is no version/],
    ["", /is no version/],
    ["4.5", /“4\.5” is no version/],
  ])("says that @%s is no version, and shows the chat as it is now", async (text, words) => {
    await page.goto(`${server.url}/agents/${await failedChat()}@${text}`)
    await banner(words).waitFor()
    await expectShown(11)
  })

  it("says that the chat has not come to a version, shows none in its place, and leads back", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}@500`)
    await banner(/^There is no version 500 yet: the chat has come to version 11\.$/).waitFor()
    await page.getByText("Version 500 cannot be shown").waitFor()
    await page.getByText("This chat is at version 11 only.").waitFor()
    await expect.poll(() => page.locator("[data-version]").count()).toBe(0)
    await browser.picture(page, "trace-no-version")
    await page.getByRole("button", { name: "Back to now" }).click()
    await expectShown(11)
  })

  it("has the newest messages of a long conversation, and those before them when they are asked for", async () => {
    const turns = 24
    provider.script({ items: [{ text: "Answer 0" }] })
    const { id } = await client.createChat("Question 0")
    await untilIn(id, "waiting")
    for (let turn = 1; turn < turns; turn += 1) {
      provider.script({ items: [{ text: `Answer ${turn}` }] })
      await client.send(id, `Question ${turn}`)
      await untilIn(id, "waiting")
    }
    await page.goto(`${server.url}/agents/${id}/trace`)
    const prompts = conversationOf(page).getByRole("article", { name: "You" })
    await conversationOf(page).getByText("Question 23", { exact: true }).waitFor()
    await conversationOf(page).focus()
    await page.keyboard.press("Home")
    await conversationOf(page).getByRole("button", { name: "Earlier messages" }).click()
    await expect.poll(() => conversationOf(page).getByRole("button", { name: "Earlier messages" }).count()).toBe(0)
    await conversationOf(page).focus()
    await page.keyboard.press("Home")
    await expectText(prompts.first(), "Question 0")
    await slider().press("Home")
    await expectText(prompts, "Question 0")
  })

  it("says of a version before what is kept that it is not there any more", async () => {
    provider.script({ items: [{ text: "An answer" }] })
    const { id } = await client.createChat("A question")
    await untilIn(id, "waiting")
    await query((sql) => sql`delete from chat_transitions where chat_id = ${id} and version = 1`)
    await page.goto(`${server.url}/agents/${id}@1`)
    await banner(/^Version 1 is older than what is told at once, which begins at version 2\.$/).waitFor()
    await page.getByText("Version 1 cannot be shown").waitFor()
    await page.getByText("What is kept of this chat cannot be replayed back to this version.").waitFor()
    expect(await slider().getAttribute("aria-valuetext")).toBe("There is no version 1 here")
    await expect.poll(() => page.locator("[data-version]").count()).toBe(0)
  })

  it("draws no more of ten thousand versions than is in sight", async () => {
    provider.script({ items: [{ text: "An answer" }] })
    const { id } = await client.createChat("A question of many tries")
    await untilIn(id, "waiting")
    const versions = 10_000
    const last = await lastVersion(id)
    await query(
      (sql) => sql`
        insert into chat_transitions
          (chat_id, version, event, detail, from_activity, to_activity, epoch, machine_version, created_at)
        select t.chat_id, n, case when n % 2 = 0 then 'RecordRetryState' else 'RecordGenerationAttempt' end, '{}',
          t.to_activity, case when n = ${versions}::int then 'waiting' when n % 2 = 0 then 'running.backing_off'
            else 'running.generating' end,
          t.epoch, t.machine_version, t.created_at + n * interval '1 second'
        from chat_transitions t, generate_series(${last + 1}::int, ${versions}::int) n
        where t.chat_id = ${id} and t.version = ${last}`,
    )
    await query((sql) => sql`update chats set snapshot_version = ${versions} where id = ${id}`)
    await page.goto(`${server.url}/agents/${id}/trace`)
    await banner(/as it is now, version 10000\.$/).waitFor()
    await page.getByRole("button", { name: "All", exact: true }).click()
    const all = page.getByRole("listbox", { name: "Steps of the whole chat" })
    await all.press("End")
    await all.getByRole("option", { name: /, version 9999$/ }).waitFor()
    expect(await all.getByRole("option").count()).toBeLessThan(80)
    expect(Number(await all.getByRole("option").first().getAttribute("aria-setsize"))).toBeGreaterThan(9000)
    expect(await page.locator("svg path[data-activity]").count()).toBeLessThan(12)
    await slider().press("Home")
    await slider().press("ArrowRight")
    await expect.poll(() => slider().getAttribute("aria-valuenow")).toBe("2")
    await expectShown(2)
    await browser.picture(page, "trace-ten-thousand")
  })

  it("says that a chat is not there", async () => {
    await page.goto(`${server.url}/agents/6f0d9a3e-0000-4000-8000-000000000001/trace`)
    const words = page.getByRole("heading", { name: "This chat is not here" })
    await words.waitFor()
    await page.goto(`${server.url}/agents/nonsense@3`)
    await words.waitFor()
    await expect.poll(() => slider().count()).toBe(0)
  })

  it("grows while the chat goes on, and leaves alone who stands at a version", async () => {
    const [first, second, third] = [openGate(), openGate(), openGate()]
    provider.script(
      { items: [{ text: "One" }, { gate: first.wait }, { calls: [run("echo one")] }] },
      { items: [{ text: "Two" }, { gate: second.wait }, { calls: [run("echo two")] }] },
      { items: [{ gate: third.wait }, { text: "Done." }] },
    )
    const { id } = await client.createChat("Go on and on")
    await page.goto(`${server.url}/agents/${id}/trace`)
    await banner(/as it is now, version 1\.$/).waitFor()
    const rowsOf = () => steps().getByRole("option").count()
    await expect.poll(rowsOf).toBe(1)
    first.open()
    await banner(/as it is now, version 4\.$/).waitFor()
    await expectShown(4)
    await expect.poll(rowsOf).toBe(3)
    await slider().press("ArrowLeft")
    await slider().press("ArrowLeft")
    await expectShown(2)
    second.open()
    await banner(/^You see version 2 of 7/).waitFor()
    await expect.poll(() => slider().getAttribute("aria-valuenow")).toBe("2")
    await expectShown(2)
    await page.keyboard.press("Escape")
    await expectShown(7)
    third.open()
    await expectShown(8)
    await conversationOf(page).getByText("Done.").waitFor()
    await client.call("PATCH", `/chats/${id}`, { body: { archived: true } })
    await page.getByText("Archived", { exact: true }).waitFor()
    await expectShown(9)
  })

  it("shows nothing more to somebody who may not look into the chat any more", async () => {
    const account = { email: "auditor@accounts.example", username: "auditor", password: "password of auditor" }
    const [added] = await server.database.run(
      Effect.provide(
        Effect.gen(function* () {
          const users = yield* UserRepository
          const organizations = yield* OrganizationRepository
          const sql = yield* SqlClient.SqlClient
          const passwordHash = yield* hashPassword(account.password)
          const { email, username } = account
          const id = yield* users.insert({ email, username, name: "", passwordHash, siteRoles: ["owner"] })
          yield* organizations.addMember(yield* organizations.defaultId, id, ["agents-access"])
          return yield* sql<{ id: string }>`select id from users where id = ${id}`
        }).pipe(Effect.orDie),
        Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer),
      ),
    )
    const other = await browser.open(server.url)
    await signIn(other, account)
    await other.goto(`${server.url}/agents/${await failedChat()}/trace`)
    await expectShown(11, other)
    await query((sql) => sql`update users set site_roles = '{}' where id = ${added?.id ?? ""}`)
    // A session is believed for some seconds.
    const chat = `${server.url}/api/v2/chats/${await failedChat()}`
    await expect.poll(async () => (await other.request.get(chat)).status(), { timeout: 12_000 }).toBe(404)
    await slider(other).press("Home")
    await other.getByRole("heading", { name: "This chat is not here" }).waitFor()
    await expect.poll(() => other.locator("[data-version]").count()).toBe(0)
    await other.context().close()
  })

  it("tells a server that cannot be reached from a chat that is gone, and shows what is known", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}/trace`)
    await expectShown(11)
    await page.context().setOffline(true)
    await slider().press("Home")
    await page.getByText("Version 1 was not read before").waitFor()
    await expect.poll(() => page.locator("[data-version]").count()).toBe(0)
    await browser.picture(page, "trace-offline")
    await page.context().setOffline(false)
    await expectShown(1)
  })

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)("is accessible and fits, %s and %i px wide", async (colorScheme, width) => {
    const touch = width === 390
    const other = await browser.open(server.url, { colorScheme, viewport: { width, height: 844 }, touch })
    await other.getByLabel("Email").fill(OWNER.email)
    await other.getByLabel("Password").fill(OWNER.password)
    await other.getByRole("button", { name: "Sign in" }).click()
    await other.getByRole("button", { name: /^Model: / }).waitFor()
    await other.goto(`${server.url}/agents/${await failedChat()}@7`)
    await steps(other).waitFor()
    expect(await other.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(width)
    expect(await axeFaults(other)).toEqual([])
    await browser.picture(other, `trace-${colorScheme}-${width}`)
    await other.context().close()
  })

  it("has one view at a time on a phone, and remembers which", async () => {
    const viewport = page.viewportSize()
    await page.goto(`${server.url}/agents/${await failedChat()}@7`)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole("tab", { name: "Steps", selected: true }).press("ArrowRight")
    await page.getByRole("tab", { name: "Chat", selected: true }).waitFor()
    await expectShown(7)
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "trace-phone-chat")
    await page.reload()
    await expectShown(7)
    await page.getByRole("tab", { name: "Steps" }).click()
    await steps().waitFor()
    if (viewport !== null) await page.setViewportSize(viewport)
  })
})

describe("Trace beside the chat", () => {
  it("turns the conversation to a version, keeps what is being written, and leads back", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    await composerOf(page).fill("Not sent yet")
    await page.getByRole("button", { name: "Trace", exact: true }).click()
    await slider().waitFor()
    await expect.poll(() => conversationOf(page).count()).toBe(1)
    await browser.picture(page, "trace-beside")
    await slider().press("Home")
    await expectShown(1)
    await banner(/^You see version 1 of 11/)
      .first()
      .waitFor()
    await expect.poll(() => page.getByRole("textbox", { name: "Message", exact: true }).count()).toBe(0)
    await expectText(conversationOf(page).getByRole("article"), "Make the tests pass")
    await slider().press("ArrowRight")
    await expectShown(2)
    await browser.picture(page, "trace-beside-then")
    expect(await axeFaults(page)).toEqual([])
    // Esc leads back to now, and from there away.
    await page.keyboard.press("Escape")
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    expect(await composerOf(page).inputValue()).toBe("Not sent yet")
    await slider().press("Escape")
    await panel().waitFor({ state: "detached" })
    expect(await page.getByRole("button", { name: "Trace", exact: true }).evaluate((it) => it.matches(":focus"))).toBe(
      true,
    )
    await composerOf(page).fill("")
  })
})
