import { Dices } from "lucide-react"
import { useState } from "react"
import { Button } from "../../ui/button.tsx"
import { CopyButton } from "../../ui/copy-button.tsx"
import { TextField } from "../../ui/field.tsx"

/** Without letters and digits that look alike. */
const SIGNS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
/** 20 of 54 signs: about 115 bits. */
const LENGTH = 20

/** Each sign as likely as any other: numbers beyond the last whole round are thrown away. */
const newPassword = (): string => {
  const most = Math.floor(256 / SIGNS.length) * SIGNS.length
  let text = ""
  while (text.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      if (byte < most && text.length < LENGTH) text += SIGNS.charAt(byte % SIGNS.length)
    }
  }
  return text
}

interface NewPasswordFieldProps {
  readonly value: string
  readonly onChange: (password: string) => void
  readonly error: string | undefined
}

/** A password for somebody else: written, or made here and shown so that it can be handed over. */
export const NewPasswordField = ({ value, onChange, error }: NewPasswordFieldProps) => {
  const [made, setMade] = useState<string>()
  const shown = made !== undefined && made === value
  return (
    <div className="flex flex-col gap-2">
      <TextField
        label="Password"
        required
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        spellCheck={false}
        minLength={10}
        value={value}
        hint="At least 10 characters. Hand it over where nobody else reads it."
        onChange={({ target }) => onChange(target.value)}
        error={error}
      />
      <div className="flex items-center gap-1.5">
        <Button
          size="small"
          onClick={() => {
            const password = newPassword()
            setMade(password)
            onChange(password)
          }}
        >
          <Dices aria-hidden className="size-3.5" />
          Make one
        </Button>
        {shown && <CopyButton label="Copy the password" text={value} />}
      </div>
    </div>
  )
}
