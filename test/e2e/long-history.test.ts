import pg from "pg"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person in a chat of ten thousand messages. */

const MESSAGES = 10_000

const server = useServerProcess()
const browser = useBrowser()
let page: Page

/** Written faster than turns could: every other is a question; one far up has a word that no other has. */
const fill = async (chatId: string): Promise<void> => {
  const database = new pg.Client({ connectionString: server.database.url })
  await database.connect()
  await database.query(
    `insert into chat_messages (chat_id, created_version, role, content, created_at)
     select $1, 1, case when n % 2 = 1 then 'user' else 'assistant' end,
       jsonb_build_array(jsonb_build_object('type', 'text', 'text',
         case when n % 2 = 1 then 'question ' || n else 'answer ' || n || repeat(' word', 20 + n % 90)
           || case when n = 4242 then ' **Chrysanthemum**' else '' end end)),
       now() + n * interval '1 second'
     from generate_series(1, $2::int) n order by n`,
    [chatId, MESSAGES],
  )
  await database.end()
}

beforeAll(async () => {
  const client = await Client.signIn(server.url)
  const { id } = await client.createChat("/slow 3 0")
  const reader = await client.stream(id)
  await reader.until((seen) => seen.status === "waiting")
  await reader.close()
  await server.stop()
  await fill(id)
  await server.start()
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.goto(`${server.url}/agents/${id}`)
  await conversationOf(page).getByText("answer 10000 ").waitFor()
})
afterAll(() => page.context().close())

const row = (text: string) => conversationOf(page).getByText(text, { exact: true })
const nodes = (): Promise<number> => page.locator("*").count()
/** Where a row begins, from the upper edge of the conversation. */
const topOf = async (text: string): Promise<number> => {
  const [inner, outer] = [await row(text).boundingBox(), await conversationOf(page).boundingBox()]
  return Math.round((inner?.y ?? Number.NaN) - (outer?.y ?? 0))
}
/** Until the browser has drawn what it was given. */
const drawn = () =>
  conversationOf(page).evaluate(async (box) => {
    for (let frame = 0; frame < 3; frame += 1)
      await new Promise((next) => box.ownerDocument.defaultView?.requestAnimationFrame(next))
  })

/** The row in the middle of what is seen, and where it begins. */
const middleRow = async (): Promise<{ readonly key: string; readonly top: number }> =>
  conversationOf(page).evaluate((box) => {
    const { left, top, height, width } = box.getBoundingClientRect()
    const row = box.ownerDocument.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-row]")
    return { key: row?.getAttribute("data-row") ?? "", top: row?.getBoundingClientRect().top ?? Number.NaN }
  })

it("older messages come in front of what is read, which stays where it is", async () => {
  const held = openGate()
  let asked = false
  await page.route(/messages\?before_id=/, async (route) => {
    asked = true
    await held.wait
    await route.continue()
  })
  await conversationOf(page).hover()
  while (!asked) {
    await page.mouse.wheel(0, -300)
    await drawn()
  }
  const before = await middleRow()
  const answered = page.waitForResponse(/messages\?before_id=/)
  const count = await conversationOf(page).evaluate((box) => box.scrollHeight)
  held.open()
  await answered
  await expect.poll(() => conversationOf(page).evaluate((box) => box.scrollHeight)).toBeGreaterThan(count + 500)
  await drawn()
  const after = await middleRow()
  expect([after.key, Math.abs(after.top - before.top) <= 2]).toEqual([before.key, true])
  await page.unroute(/messages\?before_id=/)
})

it("the message that is answered stays in view, and keys go to those before and after it", async () => {
  const goneTo = (question: number) =>
    conversationOf(page).locator("[data-gone-to]").getByText(`question ${question}`, { exact: true }).waitFor()
  await conversationOf(page).evaluate((box) => {
    box.scrollTop = box.scrollHeight
  })
  await row("question 9999").waitFor()
  for (let question = 9999; question >= 9979; question -= 2) {
    await page.keyboard.press("Alt+ArrowUp")
    await goneTo(question)
  }
  await expect.poll(async () => Math.abs((await topOf("question 9979")) - 16)).toBeLessThan(30)
  await page.keyboard.press("Alt+ArrowDown")
  await goneTo(9981)
  await page.keyboard.press("Alt+ArrowUp")
  await goneTo(9979)
  await browser.picture(page, "gone-to-prompt")

  // Past the question, into its answer.
  await conversationOf(page).hover()
  await page.mouse.wheel(0, 90)
  const sticky = page.getByRole("button", { name: /^Answer to: question 9979/ })
  await sticky.waitFor()
  await browser.picture(page, "sticky-prompt")
  expect(await axeFaults(page)).toEqual([])
  await sticky.click()
  await sticky.waitFor({ state: "detached" })
  await expect.poll(async () => Math.abs((await topOf("question 9979")) - 16)).toBeLessThan(30)
  await page.getByRole("button", { name: "To the end" }).click()
  await conversationOf(page).getByText("answer 10000 ").waitFor()
})

it("Ctrl+F finds a word in all of the chat, loaded or not, and shows it", async () => {
  await composerOf(page).focus()
  await page.keyboard.press("Control+f")
  const field = page.getByRole("textbox", { name: "Find", exact: true })
  await field.fill("chrysanthemum")
  const bar = page.getByRole("search", { name: "Find in this chat" })
  await bar.getByText("1 of 1", { exact: true }).waitFor()
  await conversationOf(page).getByText("Chrysanthemum", { exact: true }).waitFor()
  await drawn()
  const marked = await page.evaluate("CSS.highlights.get('found-here').size")
  expect(marked).toBe(1)
  await browser.picture(page, "find")
  expect(await axeFaults(page)).toEqual([])

  await field.fill("question 77")
  await bar.getByText(/^56 of 56$/).waitFor()
  await row("question 7799").waitFor()
  await field.press("Enter")
  await bar.getByText(/^55 of 56$/).waitFor()
  await row("question 7797").waitFor()
  await field.press("Shift+Enter")
  await bar.getByText(/^56 of 56$/).waitFor()
  await field.fill("no such words")
  await bar.getByText("Nothing found").waitFor()
  await field.press("Escape")
  await bar.waitFor({ state: "detached" })
  expect(await composerOf(page).evaluate((box) => box.matches(":focus"))).toBe(true)
})

it("with all of it loaded few rows are on the page, at the end, at the start and between", async () => {
  for (const part of [0, 0.37, 1]) {
    await conversationOf(page).evaluate((box, at) => {
      box.scrollTop = (box.scrollHeight - box.clientHeight) * at
    }, part)
    await drawn()
    expect([part, (await nodes()) < 5000]).toEqual([part, true])
    // Something is read there, and not the room that stands for it.
    const shown = await conversationOf(page).evaluate((box) => {
      const { left, top, height, width } = box.getBoundingClientRect()
      return box.ownerDocument.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-row]") !== null
    })
    expect([part, shown]).toEqual([part, true])
  }
  await row("question 1").waitFor({ state: "detached" })
  await conversationOf(page).evaluate((box) => {
    box.scrollTop = 0
  })
  await row("question 1").waitFor()
})
