import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

export interface OwnCertificates {
  /** PEM file of the authority, for `NODE_EXTRA_CA_CERTS`. */
  readonly authorityFile: string
  readonly key: Buffer
  readonly cert: Buffer
}

/** An authority that nobody trusts yet, and a certificate of it for the host name. Made in `folder`, with openssl. */
export const makeOwnCertificates = (folder: string, host: string): OwnCertificates => {
  const file = (name: string) => path.join(folder, name)
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" })
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
  openssl("req", "-x509", ...fresh, "-days", "2", "-subj", "/CN=Own authority", "-keyout", "ca.key", "-out", "ca.pem")
  openssl("req", ...fresh, "-subj", `/CN=${host}`, "-keyout", "host.key", "-out", "host.csr")
  writeFileSync(file("host.ext"), `subjectAltName=DNS:${host}\n`)
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "host.ext"]
  openssl("x509", "-req", "-in", "host.csr", ...signed, "-out", "host.pem")
  return { authorityFile: file("ca.pem"), key: readFileSync(file("host.key")), cert: readFileSync(file("host.pem")) }
}
