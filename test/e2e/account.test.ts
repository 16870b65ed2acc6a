import type { Page } from "playwright-core"
import { beforeAll, describe, expect, it } from "vitest"
import { axeFaults, type PageOptions, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { useServerProcess } from "../support/server-process.ts"
import { addUser, joined, PASSWORD } from "../http/people/people-client.ts"

/** What a person does about the own account: who one is, how one signs in, and where. */

const server = useServerProcess()
// What is refused in these tests is refused on purpose.
const browser = useBrowser(/status of (400|409) .*\/users\/me\/(password|profile)$/, /HTTP Authentication failed/)
let owner: Client
beforeAll(async () => {
  owner = await Client.signIn(server.url)
})

const account = (username: string) => ({ email: `${username}@example.com`, password: PASSWORD })

const signedIn = async (username: string, options?: PageOptions, path = ""): Promise<Page> => {
  const page = await browser.open(server.url + path, options)
  await signIn(page, account(username))
  return page
}

/** To a page of the settings by its link, as a person goes there. */
const goTo = async (page: Page, name: string) => {
  const back = page.getByRole("link", { name: "Back to the settings" })
  if (await back.isVisible()) await back.click()
  else await page.getByRole("link", { name: "Settings", exact: true }).click()
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name, exact: true }).click()
  await page.getByRole("heading", { name, level: 1 }).waitFor()
}

describe("the account", () => {
  it("changes name and username, says what is taken in its place, and asks before it loses what is written", async () => {
    await addUser(owner, "anna")
    const page = await signedIn("anna")
    await goTo(page, "Account")
    const form = page.getByRole("form", { name: "Who you are" })
    expect(await form.getByLabel("Email").getAttribute("readonly")).not.toBeNull()
    await page.getByText("Starts chats, drives and shares them").waitFor()
    await form.getByLabel("Name", { exact: true }).fill("Anna Ada")
    await form.getByLabel("Username").fill("owner")
    await form.getByRole("button", { name: "Save" }).click()
    await form.getByText("Is taken.").waitFor()
    await page.getByRole("link", { name: "Sessions" }).click()
    await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay here" }).click()
    await form.getByLabel("Username").fill("anna-ada")
    await form.getByLabel("Username").press("Enter")
    await form.getByText("Saved").waitFor()
    await page.getByRole("button", { name: "Anna Ada: account and theme" }).waitFor()
    expect(await form.getByRole("button", { name: "Save" }).isDisabled()).toBe(true)
    await page.context().close()
  })
})

describe("the password", () => {
  it("is changed with the present one; other sessions end, this one goes on", async () => {
    const { client } = await joined(owner, "peter", server.url)
    const page = await signedIn("peter")
    await goTo(page, "Password")
    const form = page.getByRole("form", { name: "Change the password" })
    await form.getByText("All your other sessions end with the change").waitFor()
    await form.getByLabel("Present password").fill("not this one")
    await form.getByLabel("New password").fill("another long password")
    await form.getByLabel("New password").press("Enter")
    await form.getByText("Is not your present password.").waitFor()
    await expect.poll(() => form.getByLabel("New password").inputValue()).toBe("another long password")
    await form.getByLabel("Present password").fill(PASSWORD)
    await form.getByRole("button", { name: "Change the password" }).click()
    await form.getByText("Changed. You are signed out everywhere else.").waitFor()
    await expect.poll(() => form.getByLabel("New password").inputValue()).toBe("")
    expect((await client.call("GET", "/users/me")).status).toBe(401)
    await goTo(page, "Sessions")
    await page.getByText("this one").waitFor()
    await page.context().close()
  })
})

describe("the theme", () => {
  it("follows the person to another browser, also one that is open, and is there before the app is", async () => {
    const { client } = await joined(owner, "theo", server.url)
    const here = await signedIn("theo")
    const shown = (page: Page) => page.locator("html").getAttribute("data-theme")
    await goTo(here, "Appearance")
    const saved = here.waitForResponse((response) => response.request().method() === "PUT")
    await here.getByRole("radio", { name: /^Dark/ }).click()
    await expect.poll(() => shown(here)).toBe("dark")
    expect((await saved).status()).toBe(200)
    const there = await signedIn("theo")
    await expect.poll(() => shown(there)).toBe("dark")
    await here.getByRole("radio", { name: /^Light/ }).click()
    await expect
      .poll(async () => (await client.call("GET", "/users/me/appearance")).body)
      .toMatchObject({
        theme_preference: "light",
      })
    await there.evaluate(`document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))`)
    await expect.poll(() => shown(there)).toBe("light")
    // None of the app's scripts comes: what is painted then is painted before all of them.
    await there.route("**/assets/index-*.js", () => undefined)
    const asked = there.waitForRequest("**/assets/index-*.js")
    await there.reload({ waitUntil: "commit" })
    await asked
    await expect.poll(() => shown(there)).toBe("light")
    await there.context().close()
    await here.context().close()
  })
})

describe("sessions", () => {
  it("are listed with this one first, ended one by one and all at once, by keyboard", async () => {
    const { client } = await joined(owner, "sarah", server.url)
    const other = await signedIn("sarah")
    const page = await signedIn("sarah")
    await goTo(page, "Sessions")
    const rows = page.getByRole("listitem").filter({ hasText: "signed in" })
    await expect.poll(() => rows.count()).toBe(3)
    await expect
      .poll(() => rows.first().innerText())
      .toMatch(/^Chrome.* on Linux\s+this one\s+127\.0\.0\.1 · in use now/)
    await page.getByRole("button", { name: "End the session of A Node program" }).first().focus()
    await page.keyboard.press("Enter")
    const ask = page.getByRole("dialog", { name: "End this session?" })
    await ask.getByRole("button", { name: "Cancel" }).waitFor()
    await page.keyboard.press("Escape")
    await expect.poll(() => rows.count()).toBe(3)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByRole("button", { name: "End all others" }).click()
    await page
      .getByRole("dialog", { name: "End all other sessions?" })
      .getByRole("button", { name: "End all others" })
      .click()
    await expect.poll(() => rows.count()).toBe(1)
    await expect.poll(() => page.getByRole("button", { name: "End all others" }).count()).toBe(0)
    expect((await client.call("GET", "/users/me")).status).toBe(401)
    // The other browser finds out by itself, without a reload.
    await other.getByRole("heading", { name: "Sign in to Troupe" }).waitFor()
    await other.getByText("Your session has ended").waitFor()
    await other.context().close()
    await page.context().close()
  })
})

describe("API tokens", () => {
  it("are made with a lifetime and scopes, shown once, kept nowhere, and revoked", async () => {
    await addUser(owner, "tom")
    const page = await signedIn("tom")
    await goTo(page, "API tokens")
    await page.getByText("No token yet.").waitFor()
    await page.getByRole("button", { name: "New token" }).click()
    const form = page.getByRole("form", { name: "New API token" })
    await form.getByLabel("Name", { exact: true }).fill("reader")
    await expect
      .poll(() => form.getByLabel("Lifetime").locator("option").allInnerTexts())
      .toEqual(["1 day", "7 days", "30 days", "90 days", "365 days"])
    await form.getByLabel("Lifetime").selectOption("7")
    await form.getByRole("radio", { name: /^Only what is ticked/ }).click()
    await form.getByRole("button", { name: "Create the token" }).click()
    await form.getByText("Tick at least one thing.").waitFor()
    const chats = form.getByRole("group", { name: "Chats" })
    await chats.getByLabel("read", { exact: true }).check()
    await form.getByLabel("May decide about tool calls in your name").check()
    await form.getByRole("button", { name: "Create the token" }).click()
    const made = page.getByRole("region", { name: "The new token" })
    const key = (await made.locator("code").first().innerText()).trim()
    expect(key).toMatch(/^[0-9a-f]{16}-[\w-]{32}$/)
    expect(await made.locator("code").nth(1).innerText()).toBe(
      `curl -H 'Coder-Session-Token: ${key}' ${server.url}/api/v2/users/me`,
    )
    expect(page.url()).not.toContain(key)
    const kept = await page.evaluate(`JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])`)
    expect(kept).not.toContain(key)
    const program = new Client(server.url, key)
    expect((await program.call("GET", "/chats")).status).toBe(200)
    expect((await program.call("PUT", "/users/me/profile", { body: { username: "tom" } })).status).toBe(403)
    await made.getByRole("button", { name: "I have it" }).click()
    await page.getByText("Chats: read; decides about tool calls in your name").waitFor()
    await expect.poll(() => page.getByText(key).count()).toBe(0)
    await page.getByRole("button", { name: "Revoke reader" }).click()
    await page
      .getByRole("dialog", { name: "Revoke “reader”?" })
      .getByRole("button", { name: "Revoke the token" })
      .click()
    await page.getByText("No token yet.").waitFor()
    expect((await program.call("GET", "/users/me")).status).toBe(401)
    await page.context().close()
  })
})

describe("after the sign-in", () => {
  it.each([
    "//evil.example",
    "/\\evil.example",
    "/%09/evil.example",
    "/%0a//evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "https://evil.example",
    "%2F%2Fevil.example",
  ])("nobody is led elsewhere by ?return=%s", async (place) => {
    if ((await owner.call("GET", "/users/olga")).status === 404) await addUser(owner, "olga")
    const page = await browser.open(`${server.url}/login?return=${place}`)
    await signIn(page, account("olga"))
    await expect.poll(() => page.url()).toBe(`${server.url}/agents`)
    // And so not by a page that finds somebody signed in.
    await page.goto(`${server.url}/login?return=${place}`)
    await page.locator("textarea:focus").waitFor()
    await expect.poll(() => page.url()).toBe(`${server.url}/agents`)
    await page.context().close()
  })

  it("one is where one wanted to go", async () => {
    await addUser(owner, "otis")
    const page = await browser.open(`${server.url}/settings/keys?x=1#y`)
    await page.getByLabel("Email").fill(account("otis").email)
    await page.getByLabel("Password").fill(PASSWORD)
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByRole("heading", { name: "Keys", level: 1 }).waitFor()
    expect(page.url()).toBe(`${server.url}/settings/keys?x=1#y`)
    await page.context().close()
  })
})

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each([
    ["wide", { width: 1280, height: 800 }],
    ["390 px wide", { width: 390, height: 844 }],
  ])(
    "each page of the own account is accessible and fits, %s",
    async (_, viewport) => {
      const username = `look-${colorScheme}-${viewport.width}`
      const { client } = await joined(owner, username, server.url)
      await client.call("POST", "/users/me/keys/tokens", {
        body: { token_name: "ci of the website", lifetime_days: 7 },
      })
      await client.call("POST", "/users/me/keys/tokens", {
        body: { token_name: "deploy", scopes: ["chat:read", "chat:create", "approve"] },
      })
      const page = await signedIn(username, { colorScheme, viewport })
      const check = async (title: string) => {
        await browser.picture(page, `own-${title}-${colorScheme}-${viewport.width}`)
        expect([title, await axeFaults(page)]).toEqual([title, []])
        expect([title, await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth)]).toEqual([
          title,
          viewport.width,
        ])
      }
      await goTo(page, "Account")
      await page.getByText("default organization").waitFor()
      await check("account")
      await goTo(page, "Password")
      await check("password")
      await goTo(page, "Sessions")
      await page.getByText("this one").waitFor()
      await check("sessions")
      await page.getByRole("button", { name: "End all others" }).click()
      await page.getByRole("dialog").waitFor()
      await check("end-sessions")
      await page.keyboard.press("Escape")
      await goTo(page, "API tokens")
      await page.getByText("ci of the website").waitFor()
      await check("tokens")
      await page.getByRole("button", { name: "New token" }).click()
      await page.getByRole("radio", { name: /^Only what is ticked/ }).click()
      await page.getByRole("button", { name: "Administration" }).click()
      await page.getByRole("group", { name: "Audit log" }).waitFor()
      await check("new-token")
      await page.getByLabel("Name", { exact: true }).fill("reader")
      await page.getByRole("group", { name: "Chats" }).getByLabel("read", { exact: true }).check()
      await page.getByRole("button", { name: "Create the token" }).click()
      await page.getByRole("region", { name: "The new token" }).waitFor()
      await check("made-token")
      await page.getByRole("button", { name: "I have it" }).click()
      await goTo(page, "Appearance")
      await check("appearance")
      await page.context().close()
    },
    120_000,
  )
})
