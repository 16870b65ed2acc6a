import { SqlClient, type Statement } from "@effect/sql"
import { Effect, Layer } from "effect"
import type { Page } from "playwright-core"
import { beforeAll, expect, it } from "vitest"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { LOST_SERVER, signIn } from "../support/browser.ts"
import type { Client } from "../support/client.ts"
import type { ScriptedProvider } from "../support/scripted-provider.ts"
import { expectShown, sliderOf, useTrace } from "../support/trace-page.ts"

/** Trace where there is nothing to show, or too much: clear words in place, never another picture. */

/** Versions and chats that are asked for and are not there. */
const NOT_THERE = /status of 40[04] .*\/api\/v2\/chats\//

const trace = useTrace(LOST_SERVER, NOT_THERE)
const { browser, failedChat, server, untilIn } = trace
let page: Page
let client: Client
let provider: ScriptedProvider
beforeAll(() => {
  ;({ page, client, provider } = trace)
})

const slider = (of = page) => sliderOf(of)
const banner = (words: RegExp) => page.getByText(words)

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Statement.Statement<Row>) =>
  server.database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))
const lastVersion = async (chatId: string) => {
  const rows = await query(
    (sql) =>
      sql<{ version: number }>`select max(version)::int as version from chat_transitions where chat_id = ${chatId}`,
  )
  return rows[0]?.version ?? 0
}

it.each([
  ["abc", /“abc” is no version: they are the numbers from 1 to 11\. You see the chat as it is now\./],
  ["0", /“0” is no version/],
  ["", /is no version/],
  ["4.5", /“4\.5” is no version/],
])("says that @%s is no version, and shows the chat as it is now", async (text, words) => {
  await page.goto(`${server.url}/agents/${await failedChat()}@${text}`)
  await banner(words).waitFor()
  await expectShown(11, page)
})

it("says that the chat has not come to a version, shows none in its place, and leads back", async () => {
  const chat = await failedChat()
  await page.goto(`${server.url}/agents/${chat}@500`)
  await banner(/^There is no version 500 yet: the chat has come to version 11\.$/).waitFor()
  await page.getByText("Version 500 cannot be shown").waitFor()
  await page.getByText("This chat is at version 11 only.").first().waitFor()
  await expect.poll(() => page.locator("[data-version]").count()).toBe(0)
  await browser.picture(page, "trace-no-version")
  await page.getByRole("button", { name: "Back to now" }).click()
  await expectShown(11, page)
})

it("says of a version before what is kept that it is not there any more", async () => {
  provider.script({ items: [{ text: "An answer" }] })
  const { id } = await client.createChat("A question")
  await untilIn(id, "waiting")
  await query((sql) => sql`delete from chat_transitions where chat_id = ${id} and version = 1`)
  await page.goto(`${server.url}/agents/${id}@1`)
  await banner(/^Version 1 is older than what is told at once, which begins at version 2\.$/).waitFor()
  await page.getByText("Version 1 cannot be shown").waitFor()
  await page.getByText("What is kept of this chat cannot be replayed back to this version.").first().waitFor()
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
  await expectShown(2, page)
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
        yield* (yield* MemberRepository).add(yield* organizations.defaultId, id, ["agents-access"])
        return yield* sql<{ id: string }>`select id from users where id = ${id}`
      }).pipe(Effect.orDie),
      Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer, MemberRepository.layer),
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
  await expectShown(11, page)
  await page.context().setOffline(true)
  await slider().press("Home")
  await page.getByText("Version 1 was not read before").waitFor()
  await expect.poll(() => page.locator("[data-version]").count()).toBe(0)
  await browser.picture(page, "trace-offline")
  await page.context().setOffline(false)
  await expectShown(1, page)
})
