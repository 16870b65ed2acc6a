import { Plus, Trash2 } from "lucide-react"
import { type ReactNode, useState } from "react"
import { WaitingMessage } from "../composer/waiting-message.tsx"
import { StateChip, StateGlyph } from "../chats/state-glyph.tsx"
import { ChatList } from "../shell/chat-list.tsx"
import { KeyGroups } from "../shell/key-groups.tsx"
import { ChatCards } from "../stage/chat-cards.tsx"
import { Bar } from "../ui/bar.tsx"
import { Button, IconButton } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { DataTable } from "../ui/data-table.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Disclosure } from "../ui/disclosure.tsx"
import { CheckField, SelectField, TextField } from "../ui/field.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { notifyDone, notifyFailure } from "../ui/notify.ts"
import { Spinner } from "../ui/spinner.tsx"
import { Tag } from "../ui/tag.tsx"
import { AccountPieces } from "./account-pieces.tsx"
import { AuditPieces } from "./audit-pieces.tsx"
import { ChatPieces } from "./chat-pieces.tsx"
import { ComposerPieces } from "./composer-pieces.tsx"
import { PeoplePieces } from "./people-pieces.tsx"
import { ReferencePieces } from "./reference-pieces.tsx"
import { models, states } from "./fixtures.ts"
import { TracePieces } from "./trace-pieces.tsx"
import { InspectionPieces } from "./inspection-pieces.tsx"
import { WhyPieces } from "./why-pieces.tsx"
import { SharingPieces } from "./sharing-pieces.tsx"
import { StagePieces } from "./stage-pieces.tsx"

const nothing = () => undefined

const Piece = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <section aria-label={name} className="flex min-w-0 flex-col gap-3">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
    {children}
  </section>
)

const Row = ({ children }: { readonly children: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-2">{children}</div>
)

const Buttons = () => (
  <Piece name="Buttons">
    <Row>
      <Button look="primary">Save</Button>
      <Button>
        <Plus aria-hidden className="size-4" />
        Add provider
      </Button>
      <Button look="quiet">Cancel</Button>
      <Button look="danger">Delete</Button>
    </Row>
    <Row>
      <Button look="primary" disabled>
        Save
      </Button>
      <Button disabled>Disabled</Button>
      <Button busy>Working</Button>
      <Button look="primary" busy>
        Saving
      </Button>
    </Row>
    <Row>
      <IconButton label="Remove">
        <Trash2 aria-hidden />
      </IconButton>
      <IconButton label="Remove, small" size="small">
        <Trash2 aria-hidden />
      </IconButton>
      <CopyButton label="Copy" text="text" />
      <Spinner />
      <Kbd keys="Ctrl K" />
      <Kbd keys="Esc" />
    </Row>
    <Row>
      <Tag>neutral</Tag>
      <Tag tone="accent">default</Tag>
      <Tag tone="good">Key set</Tag>
      <Tag tone="bad">not saved</Tag>
      <Tag tone="danger">refused</Tag>
    </Row>
  </Piece>
)

const Fields = () => (
  <Piece name="Fields">
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label="Display name" placeholder="OpenAI-compatible" />
      <TextField label="Base URL" defaultValue="http://10.0.4.12:8000/v1" hint="Leave empty for the usual address." />
      <TextField label="API key" type="password" defaultValue="secret" error="The provider refused this key." />
      <TextField label="Email" disabled defaultValue="robin@example.com" />
      <SelectField label="Type">
        <option>OpenAI-compatible</option>
      </SelectField>
      <CheckField label="Use it for new chats by default" defaultChecked />
    </div>
  </Piece>
)

const Notices = () => (
  <Piece name="Notices">
    <Callout tone="info" title="This chat is archived" actions={<Button>Unarchive</Button>}>
      It can be read, but not continued.
    </Callout>
    <Callout tone="warning" title="A tool is running" actions={<Button look="danger">Stop the turn</Button>}>
      Stopping the turn ends it as well. Press Esc again to stop.
    </Callout>
    <Callout tone="danger" title="The message was not sent" actions={<Button>Send again</Button>}>
      The server cannot be reached. Your text is still below.
    </Callout>
    <WaitingMessage mutationKey={["gallery"]} onTakenBack={nothing} />
    <Row>
      <Button onClick={() => void notifyFailure("The chat was not changed", "The server could not answer.")}>
        A failure
      </Button>
      <Button onClick={() => void notifyDone("“Beta docs” is archived", { label: "Undo", run: nothing })}>
        Something done
      </Button>
    </Row>
    <Disclosure icon={<Plus aria-hidden />} label="A line that opens" aside="4.2 s" defaultOpen>
      <p className="text-ink-soft">What it says.</p>
    </Disclosure>
    <Disclosure icon={<Plus aria-hidden />} label="A line with nothing to open" />
  </Piece>
)

const ListStates = () => (
  <Piece name="Loading, empty, failed">
    <LoadingRows label="Loading an example" />
    <Empty action={<Button>Set up models</Button>}>No model is set up yet. Chats need one.</Empty>
    <LoadFailed title="The models could not be loaded" error={new Error("no")} onRetry={nothing} />
    <LoadFailed title="The models could not be loaded" error={new Error("no")} onRetry={nothing} retrying />
  </Piece>
)

const Table = () => (
  <Piece name="Table">
    <DataTable
      label="Models of the gallery"
      rows={models}
      keyOf={({ id }) => id}
      columns={[
        { title: "Model", cell: ({ display_name }) => display_name },
        { title: "Name there", cell: ({ model }) => model, wide: true },
        { title: "Context", cell: ({ context_limit }) => context_limit.toLocaleString(), numeric: true },
      ]}
    />
  </Piece>
)

const States = () => (
  <Piece name="States of a chat">
    <ul className="grid grid-cols-1 gap-2 sm:grid-cols-2">
      {states.map((state) => (
        <li key={state.activity} className="flex min-w-0 flex-wrap items-center gap-x-3">
          <StateGlyph chat={state} />
          <code className="font-mono text-xs text-ink-soft">{state.activity}</code>
          <StateChip state={state} />
        </li>
      ))}
    </ul>
  </Piece>
)

const Overlays = () => {
  const [open, setOpen] = useState(false)
  return (
    <Piece name="Dialog">
      <Row>
        <Button onClick={() => setOpen(true)}>Open a dialog</Button>
      </Row>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Leave without saving?"
        about="What you changed in this form is not saved yet."
      >
        <div className="mt-5 flex justify-end gap-2">
          <Button look="danger">Discard the changes</Button>
          <Button look="primary" onClick={() => setOpen(false)}>
            Stay here
          </Button>
        </div>
      </Dialog>
    </Piece>
  )
}

const Lists = () => (
  <Piece name="Lists of chats">
    <div className="rounded-card border border-line">
      <ChatList />
    </div>
    <ChatCards />
  </Piece>
)

export const Gallery = () => (
  <div className="bg-canvas">
    <Bar title="Gallery" note="Every component in every state, from fixtures" />
    <main className="grid grid-cols-1 items-start gap-x-10 gap-y-9 p-5 lg:grid-cols-2">
      <Buttons />
      <Fields />
      <Notices />
      <ListStates />
      <States />
      <Table />
      <ComposerPieces />
      <Lists />
      <StagePieces />
      <Overlays />
      <Piece name="Keys">
        <KeyGroups />
      </Piece>
      <AccountPieces />
      <ChatPieces />
      <PeoplePieces />
      <ReferencePieces />
      <TracePieces />
      <WhyPieces />
      <InspectionPieces />
      <SharingPieces />
      <AuditPieces />
    </main>
  </div>
)
