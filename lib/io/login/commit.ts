import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stagingDir } from '../../config.ts'
import { fileNames } from '../../invariant.ts'
import { commitProblem } from '../../login/commit-problem.ts'
import type { Journal } from '../../login/journal.ts'
import type { Sight } from '../../login/order.ts'
import { see } from './answer.ts'
import type { Login } from './login.ts'
import { stopPolls } from './poll-timer.ts'
import { mayReplace } from './precedence.ts'
import { openUpload } from './upload.ts'

/** a poll that slipped in, or a switch that fired: everything is looked at again, this often at most */
const mostTries = 3

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** What came of it: `rotated`: CT109 had it before and goes on with it, so nothing is pushed. */
export type Committed = 'committed' | 'there' | 'rotated'

/**
 * Brings the login that lies on this Mac to CT109: stops its polls, uploads, and has Z2 put everything in place in one
 * script that does all of it or nothing (reauth.md, step 7). The poll timer stays stopped when it resolves, unless the
 * chain was rotated.
 * @throws Problem; the poll timer runs again then, and the tokens lie on this Mac as before
 */
export async function commit(login: Login, journal: Journal, before: string | null): Promise<Committed> {
  let now = before
  for (let tries = 1; ; tries += 1) {
    login.interruption.check()
    login.hold.check()
    const sight = await see(login)
    const stands = await mayReplace(login, journal, sight)
    if (stands === 'rotated') return 'rotated'
    const answer = await pushOnce(login, journal, sight, now)
    if (answer.done) return answer.already ? 'there' : 'committed'
    const mayPass = answer.no === 'switch' || answer.no === 'busy' || answer.no === 'rotated'
    if (!mayPass || tries === mostTries)
      throw commitProblem(login.bank, login.flags.stack, answer.no, answer.says)
    now = await stopPolls(login)
  }
}

async function pushOnce(login: Login, journal: Journal, sight: Sight, before: string | null) {
  const { bank, folder, config, hold, z2, terminal, project } = login
  const names = fileNames[bank]
  const tokens = readFileSync(join(folder, names.token))
  const credentials = bank === 'monzo' ? Buffer.from(login.credentials().text) : null
  const isNew = credentials !== null && sha256(credentials) !== sight.credentials.sha256
  const files = [
    ...(isNew ? [{ kind: 'credentials' as const, name: names.credentials, content: credentials }] : []),
    { kind: 'tokens' as const, name: names.token, content: tokens },
  ]
  const put = async (): Promise<void> => {
    const upload = await openUpload(config, project)
    try {
      for (const { kind, content } of files) await upload.put(`${bank}.${kind}`, content)
    } finally {
      await upload.end()
    }
  }
  await terminal.wait(`uploading to ${stagingDir(config)}`, null, put())
  return terminal.wait(
    'checking it there and putting it in place',
    null,
    z2.ask({
      do: 'commit',
      me: hold.me,
      before,
      files: files.map(({ kind, name, content }) => ({ kind, name, sha256: sha256(content) })),
      record: {
        account: journal.account ?? [],
        refresh: journal.refresh ?? '',
        loggedInAt: Math.floor(Date.parse(journal.startedAt) / 1000),
        consentEnd: journal.consentEnd,
      },
      carry: true,
    }),
  )
}
