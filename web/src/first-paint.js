// Runs before the first paint: theme, width of the chat list and the kind of page are right from the start. It is a file of
// its own because the server lets no page run a script of its text. The rest of each is in theme/theme.ts and
// shell/list-pane.ts.
const page = document.documentElement
const read = (key) => {
  try {
    return localStorage.getItem(key)
  } catch {
    // Storage may be blocked; then nothing is kept, and everything is as it comes.
    return null
  }
}

const theme = read("troupe.theme")
if (theme === "light" || theme === "dark") page.dataset.theme = theme

const width = Number(read("troupe.list-width"))
if (width >= 216 && width <= 480) page.style.setProperty("--w-list", `${width}px`)
if (read("troupe.list") === "hidden") page.dataset.list = "hidden"

const path = location.pathname
page.dataset.page = path.startsWith("/login")
  ? "sign-in"
  : path.startsWith("/chats") || /^\/agents\/./.test(path)
    ? "chats"
    : "other"
