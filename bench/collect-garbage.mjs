// Preloaded into a server whose memory is to be measured: what is held, and not what nobody has collected yet.
import v8 from "node:v8"
import vm from "node:vm"
import { isMainThread } from "node:worker_threads"

const EVERY_MS = 5000

if (isMainThread) {
  v8.setFlagsFromString("--expose-gc")
  const collect = vm.runInNewContext("gc")
  setInterval(collect, EVERY_MS).unref()
}
