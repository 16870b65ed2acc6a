import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ToolPolicyRule } from "../contract/tool-policy.ts"
import { beginsWith, prefixToAllow } from "./command-rules.ts"
import { ruleToAllow, verdictOf } from "./tool-policies.ts"

const allow = (...command_prefix: ReadonlyArray<string>): ToolPolicyRule => ({
  pattern: "execute",
  args: { command_prefix },
  action: "auto",
})
const asks: ToolPolicyRule = { pattern: "execute", action: "ask" }
const denies = (...command_prefix: ReadonlyArray<string>): ToolPolicyRule => ({
  ...allow(...command_prefix),
  action: "deny",
})

/** In a chat that asks before every command but `npm test`. */
const approvalOf = (command: string | undefined, rule = allow("npm", "test")) =>
  verdictOf([], [rule, asks], { name: "execute", command }).approval

/** What of these looks like `npm test`, or would run it, and runs something else as well or instead. */
const EVASIONS: ReadonlyArray<string> = [
  // More than one command.
  "npm test; rm -rf /",
  "npm test ;rm -rf /",
  "npm test;",
  "; npm test",
  "npm test && curl evil",
  "npm test||curl evil",
  "npm test | sh",
  "npm test |& sh",
  "npm test & curl evil",
  "npm test &",
  "npm test\nrm -rf /",
  "npm test\r\nrm -rf /",
  "npm test\\\nrm",
  "npm \\\ntest",
  "npm test\u2028rm -rf /",
  "npm test\u0085rm -rf /",
  "npm test\u0000; rm",
  "npm test;;",
  "cd /elsewhere && npm test",
  "if true; then npm test; fi",
  "for a in b; do npm test; done",
  "while npm test; do rm a; done",
  "case a in a) npm test;; esac",
  "(npm test)",
  "(npm test; rm a)",
  "{ npm test; }",
  "npm test() { rm -rf /; }",
  "npm() { rm -rf /; }",
  "function npm { rm -rf /; }",
  "! npm test",
  "coproc npm test",
  "[[ npm test ]]",
  "npm test # and a comment",
  // Substitutions and expansions.
  "npm test $(rm -rf /)",
  'npm test "$(rm -rf /)"',
  "npm test `rm -rf /`",
  'npm test "`rm -rf /`"',
  "npm test <(rm a)",
  "npm test >(sh)",
  "npm test $((a[$(rm a)]))",
  "npm test $HOME",
  'npm test "$HOME"',
  "npm test ${X:-$(rm a)}",
  "npm test ${X@P}",
  "npm test $'\\x3brm'",
  'npm test $"a"',
  "$(echo npm) test",
  "`echo npm` test",
  "$NPM test",
  "npm $TEST",
  "npm ${IFS}test",
  "npm$IFS'test'",
  "npm te{s,}t",
  "{npm,test}",
  "npm te?t",
  "npm t*",
  "npm te[s]t",
  "n?m test",
  "~/npm test",
  "npm test {a,b}",
  "npm test !(a)",
  // Redirections.
  "npm test > /etc/passwd",
  "npm test >> ~/.bashrc",
  "npm test >| a",
  "npm test < /etc/passwd",
  "npm test 2>&1",
  "npm test 2> a",
  "npm test &> a",
  "npm test <> a",
  "npm test <<< a",
  "npm test << a",
  "> a npm test",
  "npm >a test",
  // Assignments.
  "NODE_OPTIONS=--require=/tmp/evil.js npm test",
  "PATH=/tmp npm test",
  "A= npm test",
  "A+=b npm test",
  "a[0]=b npm test",
  // Wrappers, which never count, whoever they are called by.
  ...[
    "env",
    "sudo",
    "nice",
    "time",
    "command",
    "exec",
    "eval",
    "nohup",
    "xargs",
    "busybox",
    "builtin",
    "setsid",
    "stdbuf",
  ].map((wrapper) => `${wrapper} npm test`),
  "env -i npm test",
  "timeout 5 npm test",
  "sh -c 'npm test'",
  "bash -lc 'npm test; rm a'",
  "/usr/bin/env npm test",
  "'env' npm test",
  "su -c 'npm test'",
  "find . -exec npm test ;",
  "npm test | xargs rm",
  "find . -exec npm test \\;",
  ". npm test",
  "source npm test",
  "trap 'rm a' EXIT",
  "alias npm=rm",
  // Other programs, and other words.
  "npm  testing",
  "npm-test",
  "npmtest",
  "npm 'test x'",
  "'npm test'",
  "npm\\ test",
  'npm "" test',
  "npm test''x",
  "npm run test",
  "npm --prefix /elsewhere test",
  "./npm test",
  "/tmp/npm test",
  "NPM test",
  "npm Test",
  "npm\u00a0test",
  "npm te\u200bst",
  "npm test\u202e",
  "n\u0440m test",
  "npm\ttest",
  "echo npm test",
  "npm",
  "test npm",
  // What is no command at all.
  "",
  " ",
  'npm test "',
  "npm test '",
  "npm test )",
  "npm test `",
  "npm test $(",
  "npm test ${",
]

describe("a rule that allows a command", () => {
  it.each([
    "npm test",
    " npm  test ",
    "npm test -- --run src/a.test.ts",
    "npm test --silent",
    "'npm' \"test\"",
    "n\\pm te'st'",
    "npm test -- -t 'a; b | c && d > e $(f) `g`'",
    "npm test src/*.test.ts",
    "npm test A=b",
  ])("lets it run, and what begins with its words: %s", (command) => {
    expect(approvalOf(command)).toBeNull()
  })

  it("has a table of more than sixty evasions, and none of them twice", () => {
    expect(new Set(EVASIONS).size).toBe(EVASIONS.length)
    expect(EVASIONS.length).toBeGreaterThan(60)
  })

  it.each(EVASIONS)("asks about %j", (command) => {
    expect(approvalOf(command)).toBe("asked")
  })

  it("asks where the command alone does not say what the call runs", () => {
    expect(approvalOf(undefined)).toBe("asked")
  })

  it.each([["env"], ["sudo", "npm", "test"], ["sh", "-c"], ["/usr/bin/xargs"], ["find"], ["."]])(
    "is never sure of a wrapper, even where it names it: %s",
    (...words) => {
      const command = words[0] === "find" ? "find . -delete" : [...words, "a"].join(" ")
      expect(approvalOf(command, allow(...words))).toBe("asked")
    },
  )

  it("is about the commands of find that only find", () => {
    expect(approvalOf("find . -name a", allow("find"))).toBeNull()
    for (const action of ["-e*", "-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "'-exec'", "-ex\\ec"]) {
      expect([action, approvalOf(`find . ${action} rm a`, allow("find"))]).toEqual([action, "asked"])
    }
  })

  const operators = [
    ";",
    "&&",
    "||",
    "|",
    "&",
    ">",
    "<",
    ">>",
    "2>",
    "$(",
    "`",
    "\n",
    "\r",
    "$x",
    "${x}",
    "(",
    ")",
    "<<",
    "|&",
    "&>",
  ]
  const words = fc.array(fc.stringMatching(/^[a-z0-9 ./=-]{0,8}$/), { maxLength: 4 }).map((found) => found.join(" "))

  it("does not match a command with an operator in it, wherever that stands", () => {
    fc.assert(
      fc.property(words, fc.constantFrom(...operators), words, (before, operator, after) => {
        const command = `npm test ${before}${operator}${after}`
        expect([command, approvalOf(command)]).toEqual([command, "asked"])
        const first = `${before}${operator} npm test ${after}`
        expect([first, approvalOf(first)]).toEqual([first, "asked"])
      }),
      { numRuns: 3_000 },
    )
  })

  it("matches the same operators where they are quoted: they are text then", () => {
    fc.assert(
      fc.property(words, fc.constantFrom(...operators.filter((text) => !/[\n\r]/.test(text))), (text, operator) => {
        expect(approvalOf(`npm test '${text}${operator}'`)).toBeNull()
      }),
    )
  })
})

describe("a rule that asks or denies", () => {
  it("is met by the command that it names", () => {
    const rules = [denies("git", "push")]
    expect(verdictOf([], rules, { name: "execute", command: "git push --force" }).approval).toBe("denied")
    expect(verdictOf([], rules, { name: "execute", command: "git pull" }).approval).toBeNull()
  })

  it.each(["true && git push", "git $X", "sudo git push", "g?t push", "sh -c 'git push'"])(
    "asks about what may be that command: %s",
    (command) => {
      expect(verdictOf([], [denies("git", "push")], { name: "execute", command }).approval).toBe("asked")
      // What comes after it cannot make that freer, and what is stricter stays so.
      const later: ToolPolicyRule = { pattern: "*", action: "auto" }
      expect(verdictOf([], [denies("git", "push"), later], { name: "execute", command }).approval).toBe("asked")
      const strict: ToolPolicyRule = { pattern: "*", action: "deny" }
      expect(verdictOf([], [denies("git", "push"), strict], { name: "execute", command }).approval).toBe("denied")
    },
  )

  it("may name a wrapper", () => {
    expect(verdictOf([], [denies("sudo")], { name: "execute", command: "sudo ls" }).approval).toBe("denied")
  })

  it("of another tool is not asked", () => {
    expect(verdictOf([], [denies("git", "push")], { name: "read_file" }).approval).toBeNull()
  })
})

describe("a rule of the chat", () => {
  it("never loosens one of the deployment", () => {
    const call = { name: "execute", command: "npm test" }
    expect(verdictOf([asks], [allow("npm", "test")], call).approval).toBe("asked")
    expect(verdictOf([{ ...asks, action: "deny" }], [allow("npm", "test")], call).approval).toBe("denied")
    expect(verdictOf([denies("npm")], [allow("npm", "test")], call).approval).toBe("denied")
    // The deployment may have such a rule itself.
    expect(verdictOf([allow("npm", "test"), asks], [], call).approval).toBeNull()
  })

  it("is offered where it would let the call run, and nowhere else", () => {
    const call = { name: "execute", command: "npm test -- --run a" }
    expect(ruleToAllow([], [asks], call)).toEqual(allow("npm", "test"))
    expect(ruleToAllow([asks], [], call)).toBeNull()
    expect(ruleToAllow([asks], [asks], call)).toBeNull()
    expect(ruleToAllow([], [asks], { name: "execute" })).toBeNull()
    expect(ruleToAllow([], [asks], { name: "execute", command: "npm test && a" })).toBeNull()
    expect(
      ruleToAllow(
        [],
        Array.from({ length: 100 }, () => asks),
        call,
      ),
    ).toBeNull()
  })
})

describe("the words by which a command is allowed", () => {
  it.each<[string, ReadonlyArray<string> | undefined]>([
    ["npm test", ["npm", "test"]],
    ["npm test -- --run src/a.test.ts", ["npm", "test"]],
    ["npm run build -- --watch", ["npm", "run", "build"]],
    ["npm run ./odd a", ["npm", "run", "./odd"]],
    ["npm exec vitest a", ["npm", "exec", "vitest"]],
    ["npm exec -- vitest", undefined],
    ["npm run", undefined],
    ["poetry run pytest -q", ["poetry", "run", "pytest"]],
    ["poetry run python -c 1", undefined],
    ["npm exec sh", undefined],
    ["kubectl exec pod", undefined],
    ["npm", undefined],
    ["/usr/bin/npm", undefined],
    ["make", undefined],
    ["make lint", ["make", "lint"]],
    ["npm install left-pad", undefined],
    ["git push", undefined],
    ["pnpm dlx a", undefined],
    ["git status -sb", ["git", "status"]],
    ["git -C /a status", undefined],
    ["ls -la src", ["ls", "-la", "src"]],
    ["grep -r 'a b' .", ["grep", "-r", "a b", "."]],
    ["ls *.ts", undefined],
    ["rm -rf build", undefined],
    ["/bin/rm -rf build", undefined],
    ["node -e 1", undefined],
    ["sudo npm test", undefined],
    ["npm test; ls", undefined],
    ["", undefined],
  ])("%s: %s", (command, words) => {
    const found = prefixToAllow(command)
    expect(found).toEqual(words)
    // What is proposed matches the command that it was proposed for.
    expect(beginsWith(command, found ?? [])).toBe(words === undefined ? beginsWith(command, []) : "yes")
  })
})
