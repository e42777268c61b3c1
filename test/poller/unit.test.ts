import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const poller = join(import.meta.dirname, '../../lab/poller')
const read = (name: string): string => readFileSync(join(poller, name), 'utf8')

describe.each(['monzo', 'truelayer'])('the units of the %s poll', (bank) => {
  it('poll every 15 minutes, also what was missed while the container was down', () => {
    const timer = read(`bulma-poll-${bank}.timer`)
    for (const line of ['OnCalendar=*:0/15', 'Persistent=true', 'WantedBy=timers.target'])
      expect(timer).toContain(`\n${line}\n`)
    expect(Number(timer.match(/RandomizedDelaySec=(\d+)/)?.[1])).toBeLessThanOrEqual(30)
  })

  it('start the script of that bank, which is there and can be executed', () => {
    const service = read(`bulma-poll-${bank}.service`)
    expect(service).toContain('\nType=oneshot\n')
    const script = service.match(/^ExecStart=\/opt\/bulma\/(\S+)$/m)?.[1] ?? ''
    expect(script).toBe(`poll-${bank}.sh`)
    expect(statSync(join(poller, script)).mode & 0o111).toBe(0o111)
  })
})

it('what the README says is read by the scripts, and the other way round', () => {
  const scripts = ['poll.sh', 'rotation.sh', 'poll-monzo.sh', 'poll-truelayer.sh'].map(read).join('\n')
  const names = (text: string): string[] => [...new Set(text.match(/BULMA_[A-Z_]+/g))].sort()
  expect(names(scripts)).toEqual(names(read('README.md')))
})
