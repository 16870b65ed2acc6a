import type { Locator, Page } from "playwright-core"

/** More than any page of this app has stops. */
const MOST_STOPS = 150

const isFocused = (shown: Locator): Promise<boolean> => shown.evaluate((element) => element.matches(":focus"))

/** Presses Tab until the focus is there, as somebody does who has no mouse. */
export const tabTo = async (page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> => {
  await target.waitFor()
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    if (await isFocused(target)) return
    await page.keyboard.press(key)
  }
  throw new Error(`The ${key} key does not lead to ${String(target)}`)
}

/** Goes there and presses Enter. */
export const enterOn = async (page: Page, target: Locator): Promise<void> => {
  await tabTo(page, target)
  await page.keyboard.press("Enter")
}

/** Goes there and writes in place of what is written. */
export const writeIn = async (page: Page, field: Locator, text: string): Promise<void> => {
  await tabTo(page, field)
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type(text)
}

/** Opens the menu of a row of a table, from its link or its button, and takes what is called so. */
export const takeFromRowMenu = async (page: Page, row: Locator, item: string): Promise<void> => {
  await row.focus()
  // Stays where the button is what stands for the row.
  await page.keyboard.press("ArrowRight")
  await page.keyboard.press("Enter")
  const choice = page.getByRole("menuitem", { name: item })
  await choice.waitFor()
  for (let steps = 0; steps < 12 && !(await isFocused(choice)); steps += 1) await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Enter")
}
