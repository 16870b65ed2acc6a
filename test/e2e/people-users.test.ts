import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { enterOn, tabTo, takeFromRowMenu, writeIn } from "../support/by-keyboard.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** An administrator looks after accounts, without a mouse. */

const server = useServerProcess()
const ADA = { email: "ada@example.com", password: "a staple and a horse" }

/** What is refused on purpose, and the session that ends with the account. */
const browser = useBrowser(
  /status of (400|409) .*\/api\/v2\/users/,
  /status of 401 /,
  /status of 403 .*\/users\/login$/,
  /HTTP Authentication failed/,
  /WebSocket connection to .* failed/,
  /You are not signed in, or your session is over/,
)
let page: Page

beforeAll(async () => {
  page = await browser.open(server.url)
  await signIn(page, OWNER)
})
afterAll(() => page.context().close())

const users = () => page.getByRole("region", { name: "Users of this deployment" })
const userRow = (name: string) => users().getByRole("row").filter({ hasText: name })
const userLink = (name: string) => userRow(name).getByRole("link")
const dialog = () => page.getByRole("dialog")

const toUsers = async () => {
  await page.goto(`${server.url}/settings/users`)
  await users().waitFor()
}

it("creates a user with access to agents, and says what comes next", async () => {
  await page.keyboard.press("Control+k")
  await page.getByRole("combobox", { name: /^Search chats/ }).waitFor()
  await page.keyboard.type("Users")
  await page.getByRole("option", { name: /^Users/, selected: true }).waitFor()
  await page.keyboard.press("Enter")
  await users().waitFor()
  await enterOn(page, page.getByRole("button", { name: "New user" }))
  const form = page.getByRole("form", { name: "New user" })
  await tabTo(page, form.getByLabel("Name", { exact: true }))
  await page.keyboard.type("Ada Lovelace")
  await writeIn(page, form.getByLabel("Username"), "owner")
  await writeIn(page, form.getByLabel("Email"), ADA.email)
  await writeIn(page, form.getByLabel("Password"), ADA.password)
  await expect.poll(() => form.getByLabel("Agents access").isChecked()).toBe(true)
  await enterOn(page, form.getByRole("button", { name: "Create user" }))

  // The name is taken: it is said at its field, and everything else stays as it was written.
  await expect.poll(() => form.getByLabel("Username").getAttribute("aria-invalid")).toBe("true")
  await expect.poll(() => form.getByLabel("Email").inputValue()).toBe(ADA.email)
  await browser.picture(page, "user-refused")
  await tabTo(page, form.getByLabel("Username"), "Shift+Tab")
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type("ada")
  await page.keyboard.press("Enter")
  const notice = page.getByRole("status").filter({ hasText: "User ada created" })
  await notice.getByText(`tell the person to sign in as ${ADA.email}`).waitFor()
  await userRow("Ada Lovelace").getByText("Dormant").waitFor()
  await browser.picture(page, "user-created")
})

it("the person signs in and chats", async () => {
  const hers = await browser.open(server.url)
  await signIn(hers, ADA)
  await send(hers, "/help")
  await expect.poll(() => conversationOf(hers).getByRole("article", { name: "Agent" }).count()).toBeGreaterThan(0)
  await hers.context().close()
})

it("suspends her from the row: her page is signed out at once; activates her again", async () => {
  const hers = await browser.open(server.url)
  await signIn(hers, ADA)
  await toUsers()
  await takeFromRowMenu(page, userLink("Ada Lovelace"), "Suspend")
  await dialog().getByText("All sessions end").waitFor()
  // What cannot be undone by itself is not under the finger.
  await expect
    .poll(() =>
      dialog()
        .getByRole("button", { name: "Cancel" })
        .evaluate((element) => element.matches(":focus")),
    )
    .toBe(true)
  await browser.picture(page, "user-suspend")
  await enterOn(page, dialog().getByRole("button", { name: "Suspend" }))
  await userRow("Ada Lovelace").getByText("Suspended").waitFor()
  await expect.poll(() => dialog().count()).toBe(0)

  await hers.getByRole("button", { name: "Sign in" }).waitFor()
  await hers.getByLabel("Email").fill(ADA.email)
  await hers.getByLabel("Password").fill(ADA.password)
  await hers.getByRole("button", { name: "Sign in" }).click()
  await hers.getByRole("alert").waitFor()

  await takeFromRowMenu(page, userLink("Ada Lovelace"), "Activate")
  await dialog().getByRole("button", { name: "Activate" }).waitFor()
  await page.keyboard.press("Enter")
  await userRow("Ada Lovelace").getByText("Active").waitFor()
  await signIn(hers, ADA)
  await hers.context().close()
})

it("one's own account is not suspended: the server's word stands in the dialog", async () => {
  await toUsers()
  await takeFromRowMenu(page, userLink("owner"), "Suspend")
  await enterOn(page, dialog().getByRole("button", { name: "Suspend" }))
  await dialog().getByRole("alert").getByText("cannot be yourself").waitFor()
  await browser.picture(page, "user-suspend-refused")
  await page.keyboard.press("Escape")
  await expect.poll(() => dialog().count()).toBe(0)
  await expect.poll(() => userRow("owner").getByText("Active").count()).toBe(1)
})

it("resets a password with one that is made here, and the old one works no more", async () => {
  await toUsers()
  await takeFromRowMenu(page, userLink("Ada Lovelace"), "Reset password")
  await enterOn(page, dialog().getByRole("button", { name: "Make one" }))
  const field = dialog().getByLabel("Password", { exact: true })
  await expect.poll(() => field.inputValue()).toMatch(/^\w{20}$/)
  const password = await field.inputValue()
  await enterOn(page, dialog().getByRole("button", { name: "Reset password" }))
  await expect.poll(() => dialog().count()).toBe(0)
  const anonymous = new Client(server.url)
  const attempt = (text: string) =>
    anonymous.call("POST", "/users/login", { body: { email: ADA.email, password: text } })
  expect([(await attempt(ADA.password)).status, (await attempt(password)).status]).toEqual([401, 201])
})

it("changes profile and roles on the page of the account; what is not saved is asked for", async () => {
  await toUsers()
  await userLink("Ada Lovelace").focus()
  await page.keyboard.press("Enter")
  const profile = page.getByRole("form", { name: "Profile" })
  await writeIn(page, profile.getByLabel("Name", { exact: true }), "Ada, Countess")
  await enterOn(page, page.getByRole("link", { name: "All users" }).first())
  await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor()
  await page.keyboard.press("Escape")
  await enterOn(page, profile.getByRole("button", { name: "Save profile" }))
  await page.getByRole("heading", { name: "Ada, Countess" }).waitFor()

  const roles = page.getByRole("form", { name: "Roles of the deployment" })
  await tabTo(page, roles.getByLabel("User admin"))
  await page.keyboard.press("Space")
  await enterOn(page, roles.getByRole("button", { name: "Save roles" }))
  await expect.poll(() => roles.getByText("not saved").count()).toBe(0)

  const organizations = page.getByRole("region", { name: "Organizations" })
  await enterOn(page, organizations.getByRole("button", { name: /^Roles in/ }))
  await tabTo(page, dialog().getByLabel("Organization auditor"))
  await page.keyboard.press("Space")
  await enterOn(page, dialog().getByRole("button", { name: "Save roles" }))
  await organizations.getByText("Organization auditor").waitFor()
  await organizations.getByText("Agents access").waitFor()
  const owner = await Client.signIn(server.url)
  const { body } = await owner.call("GET", "/users/ada/roles")
  expect(body).toEqual({
    roles: ["user-admin"],
    organization_roles: { [await owner.organizationId()]: ["agents-access", "organization-auditor"] },
  })
})

it("one's own roles are shown and cannot be changed, with the reason", async () => {
  await page.goto(`${server.url}/settings/users`)
  await userLink("owner").focus()
  await page.keyboard.press("Enter")
  const own = page.getByRole("form", { name: "Roles of the deployment" })
  await own.getByText("Nobody changes his own roles").first().waitFor()
  await expect.poll(() => own.getByRole("checkbox").first().isDisabled()).toBe(true)
})

it("makes a service account and a token for it, which is shown once and works", async () => {
  await page.goto(`${server.url}/settings/service-accounts`)
  await page.getByText("There are no service accounts yet.").waitFor()
  await enterOn(page, page.getByRole("button", { name: "New service account" }))
  const form = page.getByRole("form", { name: "New service account" })
  await tabTo(page, form.getByLabel("Username"))
  await page.keyboard.type("nightly-build")
  await page.keyboard.press("Enter")
  await enterOn(page, page.getByRole("button", { name: "Make an API token" }))
  await tabTo(page, dialog().getByLabel("Name"))
  await page.keyboard.type("ci")
  await page.keyboard.press("Enter")
  const shown = dialog().getByLabel("API token", { exact: true })
  await shown.waitFor()
  const token = await shown.innerText()
  await browser.picture(page, "token-made")
  expect((await new Client(server.url, token).call("GET", "/users/me")).body).toMatchObject({
    username: "nightly-build",
    is_service_account: true,
  })
  await enterOn(page, dialog().getByRole("button", { name: "Done" }))
  // Nothing of it is left in the page.
  await expect.poll(async () => (await page.content()).includes(token)).toBe(false)

  await enterOn(page, page.getByRole("link", { name: "Open nightly-build" }))
  const tokens = page.getByRole("region", { name: "API tokens", exact: true })
  await tokens.getByText("ci", { exact: true }).waitFor()
  await enterOn(page, tokens.getByRole("button", { name: "Revoke: ci" }))
  await enterOn(page, dialog().getByRole("button", { name: "Revoke" }))
  await tokens.getByText("There is no API token.").waitFor()
  expect((await new Client(server.url, token).call("GET", "/users/me")).status).toBe(401)
})

it("searches with filters that write the search language, keeps it in the address, and says what is wrong with it", async () => {
  await toUsers()
  const search = page.getByRole("searchbox", { name: "Search users" })
  await enterOn(page, page.getByRole("button", { name: "Role" }))
  await page.getByRole("menuitemradio", { name: "User admin" }).waitFor()
  await page.keyboard.type("User")
  await page.keyboard.press("Enter")
  await expect.poll(() => search.inputValue()).toBe("role:user-admin")
  await expect.poll(() => users().getByRole("link").allInnerTexts()).toEqual([expect.stringContaining("Countess")])
  await userLink("Countess").click()
  await page.getByRole("heading", { name: "Ada, Countess" }).waitFor()
  await page.goBack()
  await expect.poll(() => search.inputValue()).toBe("role:user-admin")
  await writeIn(page, search, "status:asleep")
  await page.getByRole("alert").getByText("status must be one of").waitFor()
  await writeIn(page, search, "nobody-is-called-so")
  await page.getByText("No users match this search.").waitFor()
  await enterOn(page, page.getByRole("button", { name: "Clear the search" }))
  await userRow("owner").waitFor()
})

it("deletes an account from its page, and it is gone from the list", async () => {
  await toUsers()
  await userLink("Countess").focus()
  await page.keyboard.press("Enter")
  await enterOn(page, page.getByRole("region", { name: "Danger zone" }).getByRole("button", { name: "Delete" }))
  await dialog().getByText("Its chats and what the audit log says of it stay.").waitFor()
  await enterOn(page, dialog().getByRole("button", { name: "Delete" }))
  await users().waitFor()
  await expect.poll(() => userRow("Countess").count()).toBe(0)
})
