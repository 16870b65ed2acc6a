import { describe, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person opens the URL of a server that nobody has used yet. */

const server = useServerProcess({
  TROUPE_FIRST_USER_EMAIL: "",
  TROUPE_FIRST_USER_USERNAME: "",
  TROUPE_FIRST_USER_PASSWORD: "",
})
const browser = useBrowser(/status of 401 .*\/users\/login$/)

it("asks for the token where the printed URL was not used", async () => {
  const page = await browser.open(server.url)
  await page.getByLabel("Setup token").waitFor()
  await expect.poll(() => page.getByText("You can paste that URL here.").count()).toBe(1)
  await page.context().close()
})

it("creates an account, picks the simulator, and sees a tool run and its answer", async () => {
  const page = await browser.open(server.run.setupUrl)
  await page.getByRole("heading", { name: "Welcome to Troupe" }).waitFor()
  // What makes the account is not left where it can be bookmarked, or seen by who looks over a shoulder.
  expect([new URL(page.url()).hash, await page.getByLabel("Setup token").count()]).toEqual(["", 0])
  await browser.picture(page, "create-account")
  expect(await axeFaults(page)).toEqual([])
  await page.getByLabel("Email").fill(OWNER.email)
  await page.getByLabel("Username").fill(OWNER.username)
  await page.getByLabel("Password").fill("short")
  await page.getByRole("button", { name: "Create account" }).click()
  // The browser holds back a password that is too short.
  expect((await new Client(server.url).call("GET", "/users/first")).body).toMatchObject({ needed: true })
  await page.getByLabel("Password").fill(OWNER.password)
  await page.getByRole("button", { name: "Create account" }).click()

  // One can type at once.
  await page.locator("textarea:focus").waitFor()
  await page.getByRole("button", { name: "Model: Simulator" }).click()
  await page.getByRole("menuitemradio", { name: /Simulator/ }).click()
  await browser.picture(page, "new-chat")
  await send(page, "/run echo hello > a.txt && cat a.txt")

  const conversation = conversationOf(page)
  await conversation.getByRole("button", { name: /^Ran echo hello > a\.txt && cat a\.txt/ }).waitFor()
  const answer = conversation.getByRole("article", { name: "Agent" }).last()
  await answer.getByText("execute answered:").waitFor()
  await answer.getByText("hello", { exact: true }).waitFor()
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" })
  await expect
    .poll(() => conversation.getByRole("article", { name: "You" }).allInnerTexts())
    .toEqual(["/run echo hello > a.txt && cat a.txt"])
  await browser.picture(page, "first-answer")
  await page.context().close()
})

it("signs out and in again", async () => {
  const page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: /account and theme/ }).click()
  await page.getByRole("menuitem", { name: "Sign out" }).click()
  await page.getByRole("button", { name: "Sign in" }).waitFor()
  expect(new URL(page.url()).pathname).toBe("/login")
  // The way back does not lead around the sign-in.
  await page.goto(`${server.url}/agents`)
  await page.getByLabel("Email").fill(OWNER.email)
  await page.getByLabel("Password").fill("wrong password")
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("alert").getByText("The e-mail address or the password is wrong.").waitFor()
  await signIn(page, OWNER)
  expect(new URL(page.url()).pathname).toBe("/agents")
  await page.context().close()
})

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each([
    ["wide", { width: 1280, height: 800 }],
    ["390 px wide", { width: 390, height: 844 }],
  ])(
    "every page is accessible and fits, %s",
    async (name, viewport) => {
      const page = await browser.open(server.url, { colorScheme, viewport })
      const check = async (title: string) => {
        await browser.picture(page, `${title}-${colorScheme}-${viewport.width}`)
        expect([title, await axeFaults(page)]).toEqual([title, []])
        const { width } = (await page.locator("html").evaluate((root) => ({ width: root.scrollWidth }))) as {
          width: number
        }
        expect([title, width]).toEqual([title, viewport.width])
      }
      await page.getByRole("button", { name: "Sign in" }).waitFor()
      await check("sign-in")
      await signIn(page, OWNER)
      await page.getByRole("button", { name: "Model: Simulator" }).waitFor()
      await check("new-chat")

      const goTo = (link: string | RegExp) => page.getByRole("link", { name: link }).first().click()
      await goTo("Chats")
      await page.getByRole("button", { name: "Find a chat" }).waitFor()
      await check("chats")
      await goTo(/echo hello/)
      await conversationOf(page).getByRole("article", { name: "Agent" }).last().waitFor()
      await check("chat")
      // Also the details of a tool call.
      await conversationOf(page)
        .getByRole("button", { name: /^Ran echo hello/ })
        .click()
      await check("tool-call")
      if (name !== "wide") await goTo("Back to the chats")
      await goTo("Library")
      await page.getByRole("region", { name: "Models" }).first().waitFor()
      await check("library")
      await goTo("Settings")
      await page.getByRole("link", { name: "Models" }).waitFor()
      await check("settings")
      for (const [link, shown] of [
        ["Account", "What you may do"],
        ["Appearance", "Theme"],
        ["Keys", "Everywhere"],
      ] as const) {
        await goTo(link)
        await page.getByRole("region", { name: shown }).waitFor()
        await check(`settings-${link.toLowerCase()}`)
        if (name !== "wide") await goTo("Back to the settings")
      }
      await goTo("Models")
      await page.getByRole("heading", { name: "Providers" }).waitFor()
      await check("settings-models")
      await page.getByRole("button", { name: "Add provider" }).click()
      await check("add-provider")
      await goTo("New chat")
      await composerOf(page).waitFor()
      await page.context().close()
    },
    120_000,
  )
})
