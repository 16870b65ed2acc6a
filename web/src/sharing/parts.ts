import { lazyComponent } from "../ui/lazy-page.tsx"

/** What only a chat of somebody else needs: loaded with the first of them. */
export const readingNotice = lazyComponent(
  "Who shares this chat",
  async () => (await import("./reading-notice.tsx")).ReadingNotice,
)

/** Loaded before it is needed: it is shown when the server has just refused something. */
export const chatGone = lazyComponent("The page", async () => (await import("./chat-gone.tsx")).ChatGone)

export const preloadReading = (): void => {
  void readingNotice.preload()
  void chatGone.preload()
}
