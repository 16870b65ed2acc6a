import { Download, X } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { messageOf } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Menu, MenuItem, useMenu } from "../../ui/menu.tsx"
import { notifyFailure } from "../../ui/notify.ts"
import { Spinner } from "../../ui/spinner.tsx"
import { type ExportFormat, readExport, saveFile } from "./audit-download.ts"

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`

/** How far an export is, and the way to stop it. */
export const ExportProgress = ({ bytes, onStop }: { readonly bytes: number; readonly onStop: () => void }) => (
  <div className="flex items-center gap-2 text-sm text-ink-soft">
    <Spinner />
    <span role="status" className="tabular-nums">
      Exporting, {sizeOf(bytes)}
    </span>
    <Button size="small" onClick={onStop}>
      <X aria-hidden className="size-3.5" />
      Stop
    </Button>
  </div>
)

/** Saves all that a search finds as a file: the filter is that of the list, the rows are all there are. */
export const AuditExport = ({ q }: { readonly q: string }) => {
  const menu = useMenu()
  const running = useRef<AbortController>(undefined)
  const [bytes, setBytes] = useState<number>()
  useEffect(() => () => running.current?.abort(), [])

  const save = async (format: ExportFormat) => {
    const controller = new AbortController()
    running.current = controller
    setBytes(0)
    try {
      saveFile(await readExport(format, q, controller.signal, setBytes), `audit-log.${format}`)
    } catch (error) {
      if (!controller.signal.aborted) await notifyFailure("The audit log was not exported", messageOf(error))
    } finally {
      setBytes(undefined)
    }
  }

  if (bytes !== undefined) return <ExportProgress bytes={bytes} onStop={() => running.current?.abort()} />
  return (
    <>
      <Button {...menu.button}>
        <Download aria-hidden className="size-4" />
        Export
      </Button>
      <Menu of={menu} align="end">
        <MenuItem onSelect={() => void save("csv")}>As a table (CSV)</MenuItem>
        <MenuItem onSelect={() => void save("jsonl")}>As lines of JSON</MenuItem>
      </Menu>
    </>
  )
}
