import { exitCode } from '../../exit-code.ts'
import type { Journal } from '../../login/journal.ts'
import type { Sight } from '../../login/order.ts'
import { standing } from '../../login/standing.ts'
import { ask, logIn, push } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { bankName, type Login } from './login.ts'

/**
 * Whether the login on this Mac may take the place of what Z2 has; where nothing but a person can know, a person is asked.
 * @throws Problem when it must not
 */
export async function mayReplace(login: Login, journal: Journal, sight: Sight): Promise<'push' | 'rotated'> {
  const { bank, terminal } = login
  const onMac = { login: journal.login, refresh: journal.refresh ?? '', before: journal.before }
  const stands = standing(onMac, { record: sight.record, refresh: sight.token.fingerprint })
  if (stands === 'there' || stands === 'newer') return 'push'
  if (stands === 'rotated') return 'rotated'
  if (stands === 'older') throw olderProblem(login, sight)
  terminal.say(
    `  ! z2 has another chain than when this login began, and no record says which of the two is newer`,
  )
  if (
    await terminal.asks(
      `was the login of ${journal.startedAt.slice(0, 16).replace('T', ' ')} UTC the last one at ${bankName[bank]}`,
      'yes',
    )
  )
    return 'push'
  throw new Problem(
    {
      what: 'nobody can tell which of two logins is the newer one',
      why: terminal.isInteractive
        ? 'the question was not answered with yes'
        : 'that takes an answer from a person, and this is not a terminal',
      next: push(bank, login.flags.stack),
      left: 'nothing was pushed; the login lies on this Mac, and z2 keeps what it had',
    },
    exitCode.personNeeded,
  )
}

const olderProblem = ({ bank, flags }: Login, { record }: Sight): Problem =>
  new Problem({
    what: 'the login on this Mac is older than the one on z2',
    why: `z2 has login ${record?.login}, committed ${new Date((record?.committedAt ?? 0) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    next: ask(bank, flags.stack),
    left: `nothing was pushed. if the doctor says healthy, ${logIn(bank, flags.stack)} --new-login gives the old one up`,
  })
