// Packs the files of the web app once, at the build, so that the server only has to choose. `a.js` gets `a.js.br` and
// `a.js.gz` beside it.
import { readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

const brotli = promisify(brotliCompress)
const zipped = promisify(gzip)

/** Faces and pictures are packed already. */
const PACKABLE = /\.(js|css|html|svg|json|txt|webmanifest)$/
/** A file this small fits into the first packet as it is. */
const WORTH_PACKING_BYTES = 1000
/** Threads of Node's pool that do the work. */
const AT_ONCE = 4

/** A form that saves less than a twentieth is left out: unpacking it is work as well. */
const isWorthIt = (packed, original) => packed.length < original.length * 0.95

const packFile = async (file) => {
  const content = await readFile(file)
  if (content.length < WORTH_PACKING_BYTES) return
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  const [br, gz] = await Promise.all([brotli(content, { params }), zipped(content, { level: 9 })])
  if (isWorthIt(br, content)) await writeFile(`${file}.br`, br)
  if (isWorthIt(gz, content)) await writeFile(`${file}.gz`, gz)
}

/** Packs every file of the folder, and of those in it, that is worth it. */
export const packFiles = async (folder) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const waiting = entries
    .filter((entry) => entry.isFile() && PACKABLE.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
  const worker = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) await packFile(file)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
