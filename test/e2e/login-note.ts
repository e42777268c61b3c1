import type { Bank } from '../../lib/invariant.ts'
import { type JournalStep, journalText } from '../../lib/login/journal.ts'
import type { Project } from './project.ts'

// What a login leaves on Z2 and on the Mac, planted by hand.

const folders: Record<Bank, string> = {
  monzo: '.lab/home/Sandpit/hinata-sandpit/data/bulma',
  truelayer: '.lab/home/Sandpit/hinata/data/bulma',
}
const now = (): number => Math.floor(Date.now() / 1000)

/** Writes a file on the lab's Z2 as root would: its folder, its text, 0600. */
async function write(project: Project, path: string, text: string): Promise<void> {
  const folder = path.replace(/\/[^/]*$/, '')
  const { code, err } = await project.ssh(`umask 077 && mkdir -p ${folder} && cat > ${path}`, text)
  if (code !== 0) throw new Error(err)
}

/** A lease that ends in so many seconds; `text` is written instead, where it is given. */
export function plantLease(project: Project, bank: Bank, seconds: number, text?: string): Promise<void> {
  const since = now() - 120
  const lease = { holder: 'nnamdi@mac', pid: 4242, login: 7, since, deadline: now() + seconds }
  return write(project, `.lab/z2/run/bulma-infra/${bank}.lease`, text ?? `${JSON.stringify(lease)}\n`)
}

/** A login that was committed so many hours ago; `more` is added to it. */
export function plantRecord(
  project: Project,
  bank: Bank,
  hours: number,
  consentDays: number | null = null,
  more: Record<string, unknown> = {},
): Promise<void> {
  const loggedInAt = now() - hours * 3600
  const consentEnd = consentDays === null ? null : now() + consentDays * 86_400
  const account = ['0011223344556677']
  const record = {
    login: 7,
    refresh: 'a1b2c3d4e5f60718',
    account,
    loggedInAt,
    consentEnd,
    committedAt: loggedInAt + 20,
    ...more,
  }
  return write(project, `.lab/z2/var/lib/bulma-infra/${bank}.json`, `${JSON.stringify(record)}\n`)
}

/** An unfinished login on the Mac; `text` is written instead, where it is given. */
export async function plantJournal(
  project: Project,
  bank: Bank,
  step: JournalStep,
  text = journalAt(bank, step),
): Promise<void> {
  // Over standard input: in an argument, another test that looks at all processes would find it.
  const script = 'umask 077; mkdir -p "$1" && cat > "$1/$2.json"'
  const words = ['-c', script, 'plant', `${folders[bank]}/.reauth`, bank]
  const { code, err } = await project.run('sh', words, {}, text)
  if (code !== 0) throw new Error(err)
}

function journalAt(bank: Bank, step: JournalStep): string {
  const at = new Date().toISOString()
  const none = { refresh: null, account: null, consentEnd: null, before: null }
  return journalText({ version: 1, bank, login: 7, step, startedAt: at, changedAt: at, ...none })
}

/** Takes all of it away again. */
export async function clearLogins(project: Project): Promise<void> {
  const { code, err } = await project.ssh('rm -rf .lab/z2/run/bulma-infra .lab/z2/var/lib/bulma-infra')
  if (code !== 0) throw new Error(err)
  await project.run('rm', ['-rf', ...Object.values(folders).map((folder) => `${folder}/.reauth`)])
}
