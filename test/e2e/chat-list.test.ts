import pg from "pg"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Chat } from "../../src/contract/chats.ts"
import { axeFaults, signIn, useBrowser } from "../support/browser.ts"
import { Client, textContent } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person with hundreds of chats. */

const OLD = 280
const ARCHIVED = 70

const server = useServerProcess()
const browser = useBrowser()
let page: Page
let client: Client
let asks = ""

/** Written faster than chats could be begun. */
const fill = async (like: string): Promise<void> => {
  const database = new pg.Client({ connectionString: server.database.url })
  await database.connect()
  await database.query(
    `insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, title, updated_at, archived,
       last_turn_summary)
     select gen_random_uuid(), owner_id, organization_id, 'waiting', machine_version, last_model_config_id,
       case when n > $2 then 'Archived ' || n - $2 else 'Old ' || n end, now() - make_interval(days => 2, mins => n), n > $2,
       case when n % 3 = 0 then 'Done. ' || n || ' files, tests pass' end
     from chats, generate_series(1, $2::int + $3::int) n where id = $1`,
    [like, OLD, ARCHIVED],
  )
  // The one that asks is older than all of them.
  await database.query("update chats set updated_at = now() - interval '30 days' where id = $1", [asks])
  await database.end()
}

const named = async (title: string, text = "/help"): Promise<string> => {
  const { id } = await client.createChat(text)
  await client.call("PATCH", `/chats/${id}`, { body: { title } })
  return id
}
const reaches = async (id: string, status: Chat["status"]): Promise<void> => {
  const reader = await client.stream(id)
  await reader.until((seen) => seen.status === status)
  await reader.close()
}

/** In the page: every order that its pins ever stand in. */
const NOTE_ORDERS = `
  globalThis.orders = new Set()
  const pins = document.querySelector("[aria-label=Pinned]")
  new MutationObserver(() => {
    orders.add([...pins.querySelectorAll("li")].map((row) => row.innerText.split("\\n")[0]).join())
  }).observe(pins, { childList: true, subtree: true })
`

beforeAll(async () => {
  client = await Client.signIn(server.url)
  const pins: Array<string> = []
  for (const title of ["First pin", "Second pin", "Third pin"]) pins.push(await named(title))
  const today = await named("Said something", "/slow 5 0")
  for (const id of [...pins, today]) await reaches(id, "waiting")
  asks = await named("Waits since long ago", "/slow 1 0")
  await reaches(asks, "waiting")
  await client.call("PUT", "/chats/config/tool-policy", { body: { rules: [{ pattern: "execute", action: "ask" }] } })
  await client.call("POST", `/chats/${asks}/messages`, { body: { content: textContent("/run echo again") } })
  await reaches(asks, "requires_action")
  for (const id of pins) await client.call("PATCH", `/chats/${id}`, { body: { pin_order: 9 } })
  await server.stop()
  await fill(today)
  await server.start()
  client = await Client.signIn(server.url)
  await client.createChat("/slow 5000 50")
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("link", { name: "Chats", exact: true }).click()
  await group("Earlier").waitFor()
}, 60_000)
afterAll(() => page.context().close())

const list = () => page.getByRole("navigation", { name: "Chats" })
const group = (name: string) => list().getByRole("group", { name, exact: true })
const links = (name: string) => group(name).getByRole("link")
const pinned = () => links("Pinned").locator("span.truncate:first-child").allInnerTexts()
const onServer = async () => {
  const chats = (await client.call("GET", "/chats?limit=3")).body as unknown as ReadonlyArray<Chat>
  return chats.map(({ title }) => title)
}
const menuOf = async (title: string, item: string) => {
  await list().getByRole("link", { name: title }).hover()
  await page.getByRole("button", { name: `Menu of ${title}` }).click()
  await page.getByRole("menuitem", { name: item }).click()
}

it("chats stand in groups: pinned, those that need somebody however old they are, at work, today, earlier", async () => {
  const groups = await list().getByRole("heading").allInnerTexts()
  expect(groups.map((text) => text.split(/\s/)[0])).toEqual([
    "Pinned",
    "Needs",
    "Running",
    "Today",
    "Earlier",
    "Archived",
  ])
  await expect
    .poll(() => links("Needs you").allInnerTexts())
    .toEqual([expect.stringMatching(/^Waits since long ago\s+Asks for your approval/)])
  await expect.poll(() => links("Running").count()).toBe(1)
  await expect.poll(() => links("Today").allInnerTexts()).toEqual([expect.stringMatching(/^Said something\s+\w+/)])
  await links("Earlier").filter({ hasText: "Done. 3 files, tests pass" }).first().waitFor()
  expect(await axeFaults(page)).toEqual([])
  await browser.picture(page, "chat-list")
}, 60_000)

it("a chat is renamed in its row and in its head, and Esc changes nothing", async () => {
  const field = page.getByRole("textbox", { name: "Name of the chat" })
  await links("Today").first().focus()
  await page.keyboard.press("F2")
  await field.fill("Another name")
  await browser.picture(page, "rename-in-row")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.press("Enter")
  await field.waitFor({ state: "detached" })
  await expect.poll(() => page.locator(":focus").innerText()).toMatch(/^Another name/)
  await browser.picture(page, "chat-list-focus")
  await page.keyboard.press("F2")
  await field.fill("Not this one")
  await page.keyboard.press("Escape")
  await page.keyboard.press("Enter")
  const title = page.getByRole("heading", { level: 1 }).getByRole("button")
  await expect.poll(() => title.innerText()).toBe("Another name")
  await title.click()
  await field.fill("A last name")
  await browser.picture(page, "rename-in-head")
  await page.keyboard.press("Enter")
  await links("Today").filter({ hasText: "A last name" }).waitFor()
  await expect.poll(() => page.locator(":focus").innerText()).toBe("A last name")
}, 60_000)

it("a name that is being written stays when the chat is named elsewhere meanwhile", async () => {
  const field = page.getByRole("textbox", { name: "Name of the chat" })
  const title = page.getByRole("heading", { level: 1 }).getByRole("button")
  await links("Today").first().click()
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? ""
  await links("Today").first().focus()
  await page.keyboard.press("F2")
  await field.fill("My name for it")
  await client.call("PATCH", `/chats/${id}`, { body: { title: "Somebody else's" } })
  await expect.poll(() => title.innerText()).toBe("Somebody else's")
  await expect.poll(() => field.inputValue()).toBe("My name for it")
  await field.press("Enter")
  await expect.poll(() => title.innerText()).toBe("My name for it")
})

it("the list stays one stop of the Tab key when a name was left by the pointer", async () => {
  await links("Today").first().focus()
  await page.keyboard.press("F2")
  await page.getByRole("textbox", { name: "Name of the chat" }).waitFor()
  await page.getByRole("heading", { name: "Chats" }).click()
  await links("Today").first().waitFor()
  await page.getByRole("button", { name: "Find a chat" }).focus()
  await page.keyboard.press("Tab")
  expect(await page.locator(":focus").evaluate((item) => item.matches("nav[aria-label=Chats] [data-item]"))).toBe(true)
  await expect.poll(() => list().locator("[data-item][tabindex='0']").count()).toBe(1)
})

it("a menu is gone through by arrow keys and letters, and gives the focus back", async () => {
  const focused = () => page.locator(":focus").innerText()
  await links("Pinned").nth(1).focus()
  await page.keyboard.press("ArrowRight")
  await page.keyboard.press("Enter")
  await expect.poll(focused).toBe("Unpin")
  await page.keyboard.press("ArrowUp")
  expect(await focused()).toBe("Archive")
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("r")
  expect(await focused()).toMatch(/^Rename/)
  await browser.picture(page, "row-menu")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.press("Escape")
  await expect.poll(() => page.getByRole("menu").count()).toBe(0)
  await expect.poll(() => page.locator(":focus").getAttribute("aria-label")).toBe("Menu of Second pin")
  await page.keyboard.press("Enter")
  await page.keyboard.press("Tab")
  await page.getByRole("menu").waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Menu of Second pin" }).click()
  await page.getByRole("menuitem", { name: "Unpin" }).waitFor()
  // Beside it.
  await page.mouse.click(700, 500)
  await page.getByRole("menu").waitFor({ state: "detached" })
  expect(await pinned()).toEqual(["First pin", "Second pin", "Third pin"])
}, 60_000)

it("all of them can be reached by scrolling, each once", async () => {
  await expect
    .poll(
      async () => {
        await list().evaluate((nav) => nav.scrollTo({ top: nav.scrollHeight }))
        return links("Earlier").count()
      },
      { timeout: 15_000 },
    )
    .toBe(OLD)
  const titles = await links("Earlier").locator("span.truncate:first-child").allTextContents()
  expect(titles).toEqual(Array.from({ length: OLD }, (_, index) => `Old ${index + 1}`))
  await expect.poll(() => group("Earlier").getByRole("heading").innerText()).toMatch(/^Earlier\s+280$/)
  // A row far down is like any other.
  await menuOf("Old 250", "Pin")
  await expect.poll(pinned).toEqual(["First pin", "Second pin", "Third pin", "Old 250"])
  await menuOf("Old 250", "Unpin")
  await expect.poll(() => links("Pinned").count()).toBe(3)
})

describe("a pin", () => {
  it("is moved by Alt and the arrow keys, keeps the focus, and says where it is", async () => {
    await links("Pinned").first().focus()
    await page.keyboard.press("Alt+ArrowDown")
    expect(await pinned()).toEqual(["Second pin", "First pin", "Third pin"])
    await page.keyboard.press("Alt+ArrowDown")
    await page.keyboard.press("Alt+ArrowDown")
    expect(await pinned()).toEqual(["Second pin", "Third pin", "First pin"])
    await expect.poll(() => page.locator(":focus").innerText()).toMatch(/^First pin/)
    await list().getByRole("status").filter({ hasText: "First pin: place 3 of 3" }).waitFor()
    await expect.poll(onServer).toEqual(["Second pin", "Third pin", "First pin"])
  })

  it("is dragged by the mouse without a flash, and the drop opens nothing", async () => {
    await page.evaluate(NOTE_ORDERS)
    const address = page.url()
    const box = (await links("Pinned").nth(2).boundingBox()) ?? { x: 0, y: 0, height: 0, width: 0 }
    await page.mouse.move(box.x + 60, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 60, box.y - 20, { steps: 5 })
    await page.mouse.move(box.x + 60, box.y - 80, { steps: 5 })
    await browser.picture(page, "pin-dragged")
    await page.mouse.up()
    const wanted = ["First pin", "Second pin", "Third pin"]
    await expect.poll(pinned).toEqual(wanted)
    await expect.poll(onServer).toEqual(wanted)
    expect(page.url()).toBe(address)
    expect(await page.evaluate("[...orders]")).toEqual([wanted.join()])
  })

  it("leaves the next click alone, however soon that comes", async () => {
    const [first, second] = [links("Pinned").first(), links("Pinned").nth(1)]
    const box = (await first.boundingBox()) ?? { x: 0, y: 0, height: 0, width: 0 }
    const below = (await second.boundingBox()) ?? { x: 0, y: 0, height: 0, width: 0 }
    const href = (await second.getAttribute("href")) ?? "none"
    await page.mouse.move(box.x + 60, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 60, box.y + 20, { steps: 3 })
    await page.mouse.up()
    await page.mouse.click(below.x + 60, below.y + 10)
    await expect.poll(() => page.url()).toContain(href)
  })

  it("is let go by Esc where it was", async () => {
    const box = (await links("Pinned").first().boundingBox()) ?? { x: 0, y: 0, height: 0, width: 0 }
    await page.mouse.move(box.x + 60, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 60, box.y + 90, { steps: 5 })
    await page.keyboard.press("Escape")
    await page.mouse.move(box.x + 60, box.y + 400)
    await page.mouse.up()
    expect(await pinned()).toEqual(["First pin", "Second pin", "Third pin"])
  })
})

it("archived chats have a group of their own, which is read when it is opened; what is archived can be taken back", async () => {
  const toggle = list().getByRole("button", { name: "Archived" })
  await toggle.click()
  await expect
    .poll(
      async () => {
        await list().evaluate((nav) => nav.scrollTo({ top: nav.scrollHeight }))
        return links("Archived").count()
      },
      { timeout: 15_000 },
    )
    .toBe(ARCHIVED)
  await menuOf("Third pin", "Archive")
  await expect.poll(() => links("Pinned").count()).toBe(2)
  await links("Archived").filter({ hasText: "Third pin" }).waitFor()
  await page.getByRole("button", { name: "Undo" }).click()
  await expect.poll(pinned).toEqual(["First pin", "Second pin", "Third pin"])
  await expect.poll(onServer).toEqual(["First pin", "Second pin", "Third pin"])
  await expect.poll(() => links("Archived").filter({ hasText: "Third pin" }).count()).toBe(0)
  await menuOf("Archived 70", "Take out of the archive")
  await links("Today").filter({ hasText: "Archived 70" }).waitFor()
  await expect.poll(() => links("Archived").count()).toBe(ARCHIVED - 1)
  await browser.picture(page, "chat-list-archived")
})

it("fingers move a pin after they have stayed, and scroll else", async () => {
  const phone = await browser.open(server.url, { viewport: { width: 390, height: 844 }, touch: true })
  await phone.getByLabel("Email").fill(OWNER.email)
  await phone.getByLabel("Password").fill(OWNER.password)
  await phone.getByRole("button", { name: "Sign in" }).tap()
  await phone.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Chats" }).tap()
  const pins = phone.getByRole("navigation", { name: "Chats" }).getByRole("group", { name: "Pinned" }).getByRole("link")
  await pins.first().waitFor()
  const names = () => pins.locator("span.truncate:first-child").allInnerTexts()
  const box = (await pins.first().boundingBox()) ?? { x: 0, y: 0, height: 0, width: 0 }
  const session = await phone.context().newCDPSession(phone)
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", dy = 0) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: box.x + 80, y: box.y + 20 + dy }],
    })
  await touch("touchStart")
  await phone.locator("li.cursor-grabbing").waitFor()
  for (let dy = 10; dy <= box.height * 2; dy += 10) await touch("touchMove", dy)
  await browser.picture(phone, "pin-held")
  await touch("touchEnd")
  await expect.poll(names).toEqual(["Second pin", "Third pin", "First pin"])
  await expect.poll(onServer).toEqual(["Second pin", "Third pin", "First pin"])
  expect(new URL(phone.url()).pathname).toBe("/chats")
  expect(await axeFaults(phone)).toEqual([])
  await browser.picture(phone, "chat-list-phone")
  await phone.context().close()
}, 60_000)
