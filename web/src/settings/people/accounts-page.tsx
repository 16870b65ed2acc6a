import { useQuery } from "@tanstack/react-query"
import { Plus } from "lucide-react"
import { useState } from "react"
import { administrationQuery } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { SettingsPage } from "../settings-page.tsx"
import { AccountsList } from "./accounts-list.tsx"
import type { CreatedAccount } from "./create-account.ts"
import { CreateServiceAccountForm } from "./create-service-account-form.tsx"
import { CreateUserForm } from "./create-user-form.tsx"
import { CreatedNotice } from "./created-notice.tsx"
import { Gate } from "./gate.tsx"

const AccountsPage = ({ serviceAccounts }: { readonly serviceAccounts: boolean }) => {
  const mayCreate = useQuery(administrationQuery).data?.createsUsers === true
  const [adding, setAdding] = useState(false)
  const [created, setCreated] = useState<CreatedAccount>()
  const Form = serviceAccounts ? CreateServiceAccountForm : CreateUserForm
  return (
    <SettingsPage
      title={serviceAccounts ? "Service accounts" : "Users"}
      note={serviceAccounts ? "Accounts of programs: they work by API token" : "Who can use this deployment"}
      wide
      actions={
        mayCreate &&
        !adding && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            {serviceAccounts ? "New service account" : "New user"}
          </Button>
        )
      }
    >
      <Gate page="users" title="Only administrators see the accounts of this deployment">
        {(may) => (
          <>
            {created !== undefined && !adding && (
              <CreatedNotice created={created} may={may} onClose={() => setCreated(undefined)} />
            )}
            {adding && (
              <Form
                onCreated={(made) => {
                  setCreated(made)
                  setAdding(false)
                }}
                onClose={() => setAdding(false)}
              />
            )}
            <AccountsList serviceAccounts={serviceAccounts} may={may} />
          </>
        )}
      </Gate>
    </SettingsPage>
  )
}

/** The people of the deployment. */
export const UsersPage = () => <AccountsPage serviceAccounts={false} />

/** The accounts that programs work with. */
export const ServiceAccountsPage = () => <AccountsPage serviceAccounts />
