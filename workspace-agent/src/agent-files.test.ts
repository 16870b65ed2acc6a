import { randomUUID } from "node:crypto"
import { chmod, mkdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises"
import path from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { callHeaders, chatHeaders, useServedAgent } from "../../test/support/served-agent.ts"

const { ask, edit, home, outside, read, start, write } = useServedAgent()

beforeAll(() => writeFile(path.join(outside(), "secret.txt"), "secret"))

describe("requests", () => {
  it("tells its version and when it started", async () => {
    const { status, body } = await ask("GET", "/health")
    expect(status).toBe(200)
    expect(body).toMatchObject({ version: "0.1.0", directory: home() })
  })

  it.each([
    ["an unknown path", "GET", "/nothing", undefined, 404],
    ["a wrong method", "GET", "/write-file?path=x", undefined, 404],
    ["broken JSON", "POST", "/edit-files", "{", 400],
    ["JSON that is no object", "POST", "/edit-files", "[]", 400],
    ["a missing path", "GET", "/read-file-lines", undefined, 400],
    ["a number that is none", "GET", "/read-file-lines?path=a&offset=x", undefined, 400],
    ["a missing chat", "GET", "/processes/list", undefined, 400],
  ] as const)("answers %s with a message", async (_, method, target, body, status) => {
    const answer = await ask(method, target, body === undefined ? {} : { body })
    expect(answer.status).toBe(status)
    expect(answer.body).toHaveProperty("message")
  })

  it("refuses a body of more than 10 MiB", async () => {
    expect((await write("big.bin", Buffer.alloc(10 * 1024 * 1024 + 1))).status).toBe(413)
  })
})

describe("reading", () => {
  it("gives numbered lines of a window", async () => {
    await writeFile(path.join(home(), "five & # %41.txt"), "a\nb\r\nc\nd\ne\n")
    expect((await read("five & # %41.txt", "&offset=2&limit=2")).body).toEqual({
      success: true,
      file_size: 11,
      total_lines: 5,
      lines_read: 2,
      content: "2\tb\n3\tc",
    })
  })

  it("reads an empty file", async () => {
    await writeFile(path.join(home(), "empty"), "")
    expect((await read("empty")).body).toMatchObject({ success: true, total_lines: 0, content: "" })
  })

  it("says how long the file is when the offset is past its end", async () => {
    await writeFile(path.join(home(), "short"), "a\n")
    const { body } = await read("short", "&offset=2")
    expect(body).toMatchObject({ success: false, total_lines: 1 })
    expect(body).toHaveProperty("error", expect.stringContaining("has 1 lines"))
  })

  it("cuts lines at 1,024 bytes", async () => {
    await writeFile(path.join(home(), "wide"), `${"é".repeat(800)}\n`)
    const { body } = await read("wide")
    expect(body).toHaveProperty("content", `1\t${"é".repeat(512)} …[line cut: 1600 bytes]`)
  })

  it("refuses a window of more than 32,768 bytes and names one that fits", async () => {
    await writeFile(path.join(home(), "long"), `${"x".repeat(99)}\n`.repeat(1000))
    const { body } = await read("long")
    const error = expect.stringMatching(/smaller window: offset=1 limit=(\d+) fits/)
    expect(body).toMatchObject({ success: false, total_lines: 1000, error })
    const limit = /limit=(\d+)/.exec(JSON.stringify(body))?.[1] ?? ""
    expect((await read("long", `&limit=${limit}`)).body).toMatchObject({ success: true, lines_read: Number(limit) })
    expect((await read("long", `&limit=${Number(limit) + 1}`)).body).toMatchObject({ success: false })
  })

  it("refuses huge files, binary files, folders and what is not there", async () => {
    await writeFile(path.join(home(), "huge"), "")
    await truncate(path.join(home(), "huge"), 5 * 1024 ** 3)
    await writeFile(path.join(home(), "binary"), Buffer.from([1, 0, 2]))
    expect(await read("huge")).toMatchObject({ status: 413, body: { message: expect.stringContaining("5120.0 MiB") } })
    expect(await read("binary")).toMatchObject({ status: 415 })
    expect(await read(".")).toMatchObject({ status: 400, body: { message: expect.stringContaining("folder") } })
    expect(await read("missing")).toMatchObject({ status: 404 })
    expect(await read("short/below")).toMatchObject({ status: 400 })
  })
})

describe("paths", () => {
  it("stay inside the workspace, whatever links say", async () => {
    await symlink(path.join(outside(), "secret.txt"), path.join(home(), "link-out"))
    await symlink("..", path.join(home(), "dir-out"))
    await symlink(path.join(outside(), "not-yet"), path.join(home(), "dangling-out"))
    const escapes = [
      "../secret.txt",
      path.join(outside(), "secret.txt"),
      "/etc/passwd",
      "link-out",
      "dir-out/secret.txt",
    ]
    for (const given of [...escapes, "dir-out/new/file", "dangling-out", "a/../../secret.txt"]) {
      for (const answer of [await read(given), await write(given, "x")]) {
        expect(answer).toMatchObject({
          status: 403,
          body: { message: expect.stringContaining(`${given} is outside the workspace`) },
        })
      }
    }
    expect(await readFile(path.join(outside(), "secret.txt"), "utf8")).toBe("secret")
    await expect(stat(path.join(outside(), "not-yet"))).rejects.toMatchObject({ code: "ENOENT" })
    expect((await start(chatHeaders("chat"), "true", { workdir: "/" })).status).toBe(403)
  })

  it("may be absolute, relative or begin at home; links inside are followed", async () => {
    await write("dir/real.txt", "text")
    await symlink("dir/real.txt", path.join(home(), "link-in"))
    for (const given of [
      path.join(home(), "dir/real.txt"),
      "dir/real.txt",
      "~/dir/real.txt",
      "link-in",
      "dir//../link-in",
    ]) {
      expect((await read(given)).body).toMatchObject({ success: true, content: "1\ttext" })
    }
    expect((await ask("GET", "/resolve-path?path=link-in")).body).toEqual({
      path: path.join(home(), "dir/real.txt"),
    })
  })

  it("that are empty, too long, circular or hold a NUL are refused", async () => {
    await symlink("circle", path.join(home(), "circle"))
    for (const given of ["", "a\0b", "x".repeat(5000), "circle"]) expect((await read(given)).status).toBe(400)
  })
})

describe("writing", () => {
  it("makes folders, keeps the mode, follows links and leaves nothing else behind", async () => {
    const file = path.join(home(), "deep/er/run.sh")
    expect((await write("deep/er/run.sh", "one")).status).toBe(200)
    await chmod(file, 0o750)
    await symlink("run.sh", path.join(home(), "deep/er/alias"))
    expect((await write("deep/er/alias", "two")).status).toBe(200)
    expect(await readFile(file, "utf8")).toBe("two")
    expect((await stat(file)).mode & 0o777).toBe(0o750)
    const { body } = await ask("POST", "/list-directory?path=deep/er")
    expect(body).toMatchObject({ contents: [{ name: "alias" }, { name: "run.sh", is_dir: false }] })
  })

  it("refuses to replace a folder", async () => {
    await mkdir(path.join(home(), "a-folder"))
    expect(await write("a-folder", "x")).toMatchObject({ status: 400 })
  })

  it("answers a repeat from the record without writing again", async () => {
    const headers = callHeaders("chat", randomUUID())
    const again = () => ask("POST", "/write-file?path=once.txt", { headers, body: "first" })
    expect((await again()).headers["coder-tool-call-run-age-ms"]).toBe("0")
    await writeFile(path.join(home(), "once.txt"), "later work")
    expect((await again()).status).toBe(200)
    expect(await readFile(path.join(home(), "once.txt"), "utf8")).toBe("later work")
    const other = await ask("POST", "/write-file?path=once.txt", { headers, body: "second" })
    expect(other).toMatchObject({ status: 409, body: { code: "input_mismatch" } })
  })
})

describe("editing", () => {
  it("edits files in order and answers with their diffs", async () => {
    await write("e1.txt", "one\ntwo\n")
    await write("e2.txt", "alpha\r\nbeta\r\n")
    const { status, body } = await edit([
      {
        path: "e1.txt",
        edits: [
          { search: "one", replace: "uno" },
          { search: "uno\ntwo", replace: "uno\ndos" },
        ],
      },
      { path: "e2.txt", edits: [{ search: "beta", replace: "BETA\ngamma" }] },
    ])
    expect(status).toBe(200)
    expect(await readFile(path.join(home(), "e1.txt"), "utf8")).toBe("uno\ndos\n")
    expect(await readFile(path.join(home(), "e2.txt"), "utf8")).toBe("alpha\r\nBETA\r\ngamma\r\n")
    expect(body).toMatchObject({
      files: [
        { path: "e1.txt", diff: "--- e1.txt\n+++ e1.txt\n@@ -1,2 +1,2 @@\n-one\n-two\n+uno\n+dos\n" },
        { path: "e2.txt", diff: expect.stringContaining("+BETA") },
      ],
    })
  })

  it("writes nothing when one edit of one file has a problem, and tells all problems", async () => {
    await write("p1.txt", "one\n")
    await write("p2.txt", "two two\n")
    const { status, body } = await edit([
      { path: "p1.txt", edits: [{ search: "one", replace: "1" }] },
      { path: "p2.txt", edits: [{ search: "two", replace: "2" }] },
      { path: "p3.txt", edits: [{ search: "three", replace: "3" }] },
      { path: "../secret.txt", edits: [{ search: "secret", replace: "4" }] },
    ])
    expect(status).toBe(400)
    const message = expect.stringMatching(
      /Nothing was written[^]*occurs 2 times[^]*no file[^]*p3[^]*outside the workspace/,
    )
    expect(body).toHaveProperty("message", message)
    expect(await readFile(path.join(home(), "p1.txt"), "utf8")).toBe("one\n")
  })

  it("refuses the same file twice, huge and binary files, and wrong fields by name", async () => {
    await write("same.txt", "x")
    await symlink("same.txt", path.join(home(), "same-link"))
    const edits = [{ search: "x", replace: "y" }]
    const twice = await edit([
      { path: "same.txt", edits },
      { path: "same-link", edits },
    ])
    expect(twice).toMatchObject({ status: 400, body: { message: expect.stringContaining("same file") } })
    await writeFile(path.join(home(), "latin1"), Buffer.from([0x78, 0xe9]))
    expect(await edit([{ path: "latin1", edits }])).toMatchObject({ status: 415 })
    await writeFile(path.join(home(), "huge-edit"), "")
    await truncate(path.join(home(), "huge-edit"), 5 * 1024 ** 3)
    expect(await edit([{ path: "huge-edit", edits }])).toMatchObject({ status: 413 })
    const wrong = await edit([{ path: "same.txt", edits: [{ search: 1, replace: "y" }] }])
    expect(wrong.body).toHaveProperty("message", "files[0].edits[0].search must be a string.")
  })

  it("loses no edit when many come at once", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `word${index}`)
    await write("many.txt", names.map((name) => `[${name}]\n`).join(""))
    const answers = await Promise.all(
      names.map((name) => edit([{ path: "many.txt", edits: [{ search: `[${name}]`, replace: `${name}!` }] }])),
    )
    expect(answers.map((answer) => answer.status)).toEqual(names.map(() => 200))
    expect(await readFile(path.join(home(), "many.txt"), "utf8")).toBe(names.map((name) => `${name}!\n`).join(""))
  })
})
