// Tries to sign in, over and over, over `connections` connections at once: each try of a stranger is of another account and from
// another address, as a proxy tells it; those of the browser that the account knows have its cookie and the right password. A process of
// its own, so that its work is not the reader's. Messages: `{url, connections, cookie, email, password}` begins, anything else ends it and
// is answered with how many answers of each status came.
import { Agent, request } from "node:http"

const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
const answers = {}
let over = false
let count = 0

const tryOnce = (url, { email, password, headers }) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ email, password })
    const sent = request(
      `${url}/api/v2/users/login`,
      {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        answers[response.statusCode] = (answers[response.statusCode] ?? 0) + 1
        response.resume().once("end", resolve)
      },
    )
    sent.once("error", reject)
    sent.end(body)
  })

const stranger = () => {
  count += 1
  const address = `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`
  return {
    email: `stranger-${count}@example.com`,
    password: "a guess of no account",
    headers: { "x-forwarded-for": address },
  }
}

async function keepTrying(url, each) {
  while (!over) await tryOnce(url, each())
}

process.on("message", async (message) => {
  if (message.url === undefined) {
    over = true
    return
  }
  const { url, connections, cookie, email, password } = message
  const known = () => ({ email, password, headers: { cookie, "x-forwarded-for": "10.255.255.255" } })
  const loops = Array.from({ length: connections }, (_, index) => keepTrying(url, index % 4 === 0 ? known : stranger))
  await Promise.all(loops)
  process.send({ answers })
})
process.on("disconnect", () => process.exit(0))
