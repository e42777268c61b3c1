import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { Problem } from '../../lib/problem.ts'

const why = (watch: object): string => {
  try {
    parseConfig({ watch }, 'Pulumi.z2.yaml')
  } catch (error) {
    if (error instanceof Problem) return error.lines.why
    throw error
  }
  return ''
}

describe('bulma:watch', () => {
  it('has a default for every key, and tells nobody but this desktop', () => {
    expect(parseConfig({}, 'Pulumi.z2.yaml').watch).toEqual({
      historyDir: '~/.local/state/bulma-infra',
      everyMinutes: 60,
      notify: { desktop: true },
      remindAt: '09:00',
      failures: 3,
    })
  })

  it('takes addresses, and files that hold them', () => {
    for (const ntfy of ['https://ntfy.sh/x', 'http://10.0.0.2:8080/x', '~/.config/bulma/ntfy', '/etc/ntfy'])
      expect(why({ notify: { ntfy } })).toBe('')
  })

  it.each<[object, string]>([
    [{ everyMinutes: 0 }, 'bulma:watch.everyMinutes must be at least 1'],
    [{ remindAt: '9:00' }, 'bulma:watch.remindAt must be a time as 09:00'],
    [{ remindAt: '24:00' }, 'bulma:watch.remindAt must be a time as 09:00'],
    [{ failures: 0 }, 'bulma:watch.failures must be at least 1'],
    [{ notify: { slack: 'x' } }, 'bulma:watch.notify.slack is not a key that is known'],
    [
      { notify: { webhook: 'ftp://x/y' } },
      'bulma:watch.notify.webhook must be an http or https URL, or the path of a file that holds one, beginning with ~ or /',
    ],
    [
      { notify: { command: 'mail me' } },
      'bulma:watch.notify.command must be the path of a program, beginning with ~ or /',
    ],
  ])('refuses %j', (watch, says) => expect(why(watch)).toBe(says))
})
